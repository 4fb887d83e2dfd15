public import Core

/// Everything of an event but its payload, in the order it is written.
public struct EventFrame: FieldRecord {
    public var envelope: Envelope
    public var type: TypeName
    public var version: Int64

    @inlinable
    public init(envelope: Envelope, type: TypeName, version: Int64) {
        self.envelope = envelope
        self.type = type
        self.version = version
    }

    @inlinable
    public init(unread: Unread) {
        envelope = unread()
        type = unread()
        version = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try Self.walk(&envelope, &type, &version, &fields)
    }

    /// The same over parts that lie on their own, for a reader who hands the envelope on without a copy.
    @inlinable
    public static func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ envelope: inout Envelope, _ type: inout TypeName, _ version: inout Int64, _ fields: inout Walker
    ) throws(Walker.Failure) {
        try envelope.walkIdentity(&fields)
        try fields.field("event_type", &type, FieldNote("What happened.", example: "route.attempt_prepared"))
        try fields.field("version", &version, FieldNote("The shape of the payload.", example: "1"))
        try envelope.walkContext(&fields)
    }

    /// The place of a part that `walk` fills.
    @inlinable @inline(__always)
    public static func blank<Part: Blank>() -> Part { Part(unread: Unread()) }

    /// The name of the field behind the frame.
    public static let payload: StaticString = "payload"
}

/// The name of a type, known or not: a reader that does not need a type need not know it.
public enum TypeName: Hashable, Sendable {
    case known(EventType)
    case unknown(Label)
}

extension TypeName: FieldText {
    public static var form: TextForm { .name(maximumBytes: LabelKind.maximumBytes) }
    @inlinable public static var isPlain: Bool { false }
    public init(unread: Unread) { self = .unknown(.blank) }

    public static func read(_ text: RawSpan) throws(FieldFault) -> TypeName {
        if let type = EventType.named(text) { return .known(type) }
        return .unknown(try Label.read(text))
    }

    public func append(to text: inout [UInt8]) { text.append(contentsOf: description.utf8) }
}

extension TypeName: CustomStringConvertible {
    public var description: String {
        switch self {
        case .known(let type): type.name
        case .unknown(let name): name.text
        }
    }
}
