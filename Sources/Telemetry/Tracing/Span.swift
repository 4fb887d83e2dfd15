public import Core

/// One thing that was done, from when to when, and what caused it.
public struct Span: Sendable {
    /// OpenTelemetry's kinds, by its numbers.
    public enum Kind: Int, Sendable {
        case `internal` = 1
        case server, client, producer, consumer
    }

    public enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
    }

    public let context: TraceContext
    /// `nil`: nobody caused it.
    public let parent: TraceContext.Span?
    public let name: String
    public let kind: Kind
    public let start: Timestamp
    public let end: Timestamp
    public var attributes: [(name: String, value: Value)]
    /// Why it did not come off.
    public var failure: String?
    /// The caller's `tracestate`.
    public var state: String?
    /// Spans of other traces that it has to do with.
    public var links: [TraceContext] = []

    public init(
        _ context: TraceContext, parent: TraceContext.Span?, _ name: String, _ kind: Kind, from start: Timestamp,
        to end: Timestamp, _ attributes: [(name: String, value: Value)] = []
    ) {
        self.context = context
        self.parent = parent
        self.name = name
        self.kind = kind
        self.start = start
        // A clock that was set back makes no span of negative length.
        self.end = max(start, end)
        self.attributes = attributes
    }
}

extension Span.Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral text: String) { self = .text(text) }
    public init(integerLiteral number: Int64) { self = .integer(number) }
}
