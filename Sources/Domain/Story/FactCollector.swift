internal import Core

/// One thing an event says, under the name that its field has on the log.
public struct StoryFact: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        case text(String)
        case number(Int64)
        case flag(Bool)
        /// JSON as it lies on the log.
        case json([UInt8])
    }

    public let name: String
    public let value: Content

    public init(_ name: String, _ value: Content) {
        self.name = name
        self.value = value
    }

    /// As one text for a line.
    public var text: String {
        switch value {
        case .text(let text): text
        case .number(let number): String(number)
        case .flag(let flag): flag ? "yes" : "no"
        case .json(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}

/// Writes down every field of a payload with its name, so that no event is told with less than it says.
struct FactCollector: FieldWalker, PayloadViewer {
    typealias Failure = Never

    private(set) var facts: [StoryFact] = []
    private var path: [String] = []

    static func facts(of event: Event) -> [StoryFact] {
        var collector = FactCollector()
        event.content.show(to: &collector)
        return collector.facts
    }

    mutating func view<Content: Payload>(_ payload: Content) {
        var payload = payload
        payload.walk(&self)
    }

    private mutating func add(_ name: StaticString, _ value: StoryFact.Content) {
        facts.append(StoryFact((path + ["\(name)"]).joined(separator: "."), value))
    }

    private static func text(_ value: some FieldText) -> String {
        if let held = value.heldText { return held }
        var bytes: [UInt8] = []
        value.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func inside<Record: FieldRecord>(_ name: String, _ record: Record) {
        var record = record
        path.append(name)
        record.walk(&self)
        path.removeLast()
    }
}

extension FactCollector {
    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value, _ note: FieldNote) {
        add(name, .text(Self.text(value)))
    }

    mutating func field(_ name: StaticString, _ value: inout Int64, _ note: FieldNote) { add(name, .number(value)) }
    mutating func field(_ name: StaticString, _ value: inout Bool, _ note: FieldNote) { add(name, .flag(value)) }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote) {
        add(name, .json(value.bytes))
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record, _ note: FieldNote) {
        inside("\(name)", value)
    }

    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value?, _ note: FieldNote) {
        if let value { add(name, .text(Self.text(value))) }
    }

    mutating func field(_ name: StaticString, _ value: inout Int64?, _ note: FieldNote) {
        if let value { add(name, .number(value)) }
    }

    mutating func field(_ name: StaticString, _ value: inout Bool?, _ note: FieldNote) {
        if let value { add(name, .flag(value)) }
    }

    mutating func field(_ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote) {
        if let value { add(name, .json(value.bytes)) }
    }

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record?, _ note: FieldNote) {
        if let value { inside("\(name)", value) }
    }

    mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        guard !values.isEmpty else { return }
        add(name, .text(values.map(Self.text).joined(separator: ", ")))
    }

    mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {
        for (index, value) in values.enumerated() { inside("\(name)[\(index)]", value) }
    }
}
