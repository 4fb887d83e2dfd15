public import Domain
public import JSON

/// What a record turned out to be.
public enum Decoded: Sendable, Equatable {
    case event(Event)
    /// An event whose type or version this program does not know.
    case opaque(OpaqueEvent)
    /// An event of a type the reader did not ask for; its payload was not looked at.
    case passed(Envelope, EventType)
}

/// An event whose payload we cannot read: everything else of it, and the payload as it came.
public struct OpaqueEvent: Sendable, Equatable {
    public let envelope: Envelope
    public let type: TypeName
    public let version: Int64
    public let payload: CompactJSON
}

/// Reads events from records.
///
/// It keeps its buffers: one decoder for each reader, used again for each record.
public struct EventDecoder: ~Copyable {
    private var parser: JSONParser
    private let names = KnownNames()
    private let wanted: Set<EventType>?

    /// Payloads of types that are not `wanted` are not looked at; `nil` wants all.
    public init(wanting wanted: Set<EventType>? = nil, limits: JSONLimits = JSONLimits()) {
        parser = JSONParser(limits: limits)
        self.wanted = wanted
    }

    /// The event in these bytes, upcast to the shape its type has today.
    public mutating func decode(_ bytes: RawSpan) throws(WireError) -> Decoded {
        // The root is lent by `self`, which nobody else may touch meanwhile.
        let (wanted, known) = (wanted, names)
        let names = KnownNames.Lent(known)
        let root: JSONValue
        do { root = try parser.parse(bytes) } catch {
            throw WireError(eventType: nil, path: "$", reason: .of(error))
        }
        do { return try Self.read(root, wanted, names) } catch { throw Self.explain(error, of: root) }
    }

    /// The frame's fields come first in our own events, and the payload last: when that holds for the whole object,
    /// nothing need be searched.
    ///
    /// The payload is read last in either case, because the type decides how.
    private static func read(
        _ root: JSONValue, _ wanted: Set<EventType>?, _ names: KnownNames.Lent
    ) throws(WalkFailure) -> Decoded {
        guard let fields = root.fields() else { throw .fault(path: [], root.kind.isNot("an object")) }
        var ordered = FieldDecoder(fields, searching: false, names)
        do {
            var envelope: Envelope = EventFrame.blank()
            var type: TypeName = EventFrame.blank()
            var version: Int64 = EventFrame.blank()
            try EventFrame.walk(&envelope, &type, &version, &ordered)
            let payload = ordered.take(EventFrame.payload)
            if ordered.isAtEnd { return try decode(consume envelope, consume type, version, payload, wanted, names) }
        } catch {
            guard case .outOfOrder = error else { throw error }
        }
        do { try root.refuseDuplicateKeys(deep: false) } catch { throw .fault(path: [], .of(error)) }
        var search = FieldDecoder(fields, searching: true, names)
        let frame = try EventFrame.filled(by: &search)
        let payload = search.take(EventFrame.payload)
        return try decode(frame.envelope, frame.type, frame.version, payload, wanted, names)
    }

    public mutating func decode(_ bytes: [UInt8]) throws(WireError) -> Decoded {
        // Safe: bytes are plain integers.
        try unsafe decode(bytes.span.bytes)
    }

    @inline(__always)
    private static func decode(
        _ envelope: consuming Envelope, _ name: consuming TypeName, _ version: Int64, _ payload: JSONValue?,
        _ wanted: Set<EventType>?, _ names: KnownNames.Lent
    ) throws(WalkFailure) -> Decoded {
        guard let payload else { throw .fault(at: EventFrame.payload, .missing) }
        guard case .known(let type) = name else { return try opaque(envelope, name, version, payload) }
        if let wanted, !wanted.contains(type) { return .passed(envelope, type) }
        guard envelope.account != nil || !type.family.needsAccount else { throw .fault(at: "account_label", .missing) }
        guard envelope.symbol != nil || !type.family.needsSymbol else { throw .fault(at: "symbol", .missing) }
        var source = PayloadDecoder(payload, version: version, names)
        let content: DomainEvent
        do { content = try DomainEvent.read(type, from: &source) } catch {
            guard case .unknownVersion = error else { throw error.inside(.field(EventFrame.payload)) }
            return try opaque(envelope, name, version, payload)
        }
        return .event(Event(consume envelope, content))
    }

    @inline(never)
    private static func opaque(
        _ envelope: Envelope, _ name: TypeName, _ version: Int64, _ payload: JSONValue
    ) throws(WalkFailure) -> Decoded {
        let text: CompactJSON
        do { text = try CompactJSON(payload) } catch { throw .fault(at: EventFrame.payload, error.reason) }
        return .opaque(OpaqueEvent(envelope: envelope, type: name, version: version, payload: text))
    }

    private static func explain(_ failure: WalkFailure, of root: JSONValue) -> WireError {
        let type = root.field("event_type")?.string
        guard case .fault(let path, let reason) = failure else {
            preconditionFailure("a walk that searches has no order, and unknown versions were carried as opaque")
        }
        return WireError(eventType: type, path: WalkFailure.text(of: path), reason: reason)
    }
}

/// Reads a payload in the shape its version has, and brings it up to today's.
struct PayloadDecoder: PayloadSource, ~Escapable {
    private let value: JSONValue
    private let version: Int64
    private let names: KnownNames.Lent

    @_lifetime(copy value, copy names)
    init(_ value: JSONValue, version: Int64, _ names: KnownNames.Lent) {
        self.value = value
        self.version = version
        self.names = names
    }

    mutating func payload<Content: Payload>() throws(WalkFailure) -> Content { try Self.read(value, version, names) }

    static func read<Content: Versioned>(
        _ value: JSONValue, _ version: Int64, _ names: KnownNames.Lent
    ) throws(WalkFailure) -> Content {
        if Content.versions.contains(version) { return try FieldDecoder.record(value, names) }
        guard version < Content.versions.lowerBound, Content.Older.self != NoOlder.self else {
            throw .unknownVersion(version)
        }
        return Content(upcasting: try read(value, version, names))
    }
}
