internal import Core
internal import Domain
internal import JSON
internal import Telemetry
internal import Wire

/// The spans that a role's appends are: one for each event that was sent, and one for each that was worked off for it.
///
/// Their ids follow from what lies on the log: the span of an event is its `traceparent`'s, the one of working it off
/// follows from event and role, the one of an order from its intent. So every process knows every parent without asking.
struct EventSpans: Sendable {
    let role: RoleName
    /// How the engine is called in spans.
    let system: String

    /// What of an event decides its place in a trace.
    struct Facts {
        let event: EventID
        let correlation: StoryID
        let causation: EventID?
        let cause: String?
        /// The intent that it is about, where it is about an order of ours.
        let intent: IntentID?
        let key: String?
    }

    /// Working an intent off, whoever asks: the broker's updates of its order hang below it.
    static func span(of intent: IntentID) -> TraceContext.Span { TraceContext.Span(intent.high) }

    static func span(of role: RoleName, working event: EventID) -> TraceContext.Span {
        // FNV-1a of the role's name: ids of events are hashes, so that this is another one.
        let salt = role.rawValue.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return TraceContext.Span(event.high ^ salt)
    }

    /// Which span worked something off so that this event was sent; `nil` for what came from outside.
    func parent(of facts: Facts) -> TraceContext.Span? {
        if role == .router, let intent = facts.intent { return Self.span(of: intent) }
        if let causation = facts.causation { return Self.span(of: role, working: causation) }
        // The broker's word about an order: it came of sending that order.
        let isOwnStory = facts.correlation.high == facts.event.high && facts.correlation.low == facts.event.low
        return isOwnStory ? nil : facts.intent.map(Self.span)
    }

    /// `caller` is the parent of what was caused by no event.
    func sent(
        _ facts: Facts, at place: RecordPosition, from start: Timestamp, to end: Timestamp,
        under caller: TraceContext.Span? = nil
    ) -> Span {
        var attributes = common("send", "send", place.source.topic)
        attributes.append(("messaging.destination.partition.id", .text("\(place.source.partition)")))
        attributes.append(("messaging.kafka.offset", .integer(place.offset)))
        attributes.append(("messaging.message.id", .text("\(facts.event)")))
        if let key = facts.key { attributes.append(("messaging.kafka.message.key", .text(key))) }
        return Span(
            context(of: facts, TraceParent.span(of: facts.event)), parent: parent(of: facts) ?? caller,
            "send \(place.source.topic)", .producer, from: start, to: end, attributes)
    }

    /// `nil` where nothing of ours was worked off.
    func worked(_ facts: Facts, from start: Timestamp, to end: Timestamp) -> Span? {
        guard let causation = facts.causation, let span = parent(of: facts) else { return nil }
        let (topic, partition, offset) = Self.place(facts.cause)
        var attributes = common("process", "process", topic ?? "unknown")
        if let partition { attributes.append(("messaging.destination.partition.id", .text(partition))) }
        if let offset { attributes.append(("messaging.kafka.offset", .integer(offset))) }
        attributes.append(("messaging.message.id", .text("\(causation)")))
        attributes.append(("messaging.consumer.group.name", .text("torghut-\(role.rawValue)")))
        return Span(
            context(of: facts, span), parent: TraceParent.span(of: causation), "process \(topic ?? "event")", .consumer,
            from: start, to: end, attributes)
    }

    private func context(of facts: Facts, _ span: TraceContext.Span) -> TraceContext {
        TraceContext(TraceParent.trace(of: facts.correlation), span)
    }

    private func common(
        _ name: String, _ type: String, _ topic: String
    ) -> [(name: String, value: Span.Value)] {
        [
            ("messaging.system", .text(system)), ("messaging.operation.name", .text(name)),
            ("messaging.operation.type", .text(type)), ("messaging.destination.name", .text(topic)),
            ("torghut.role", .text(role.rawValue)),
        ]
    }

    /// `topic/partition/offset#ordinal`.
    private static func place(_ cause: String?) -> (topic: String?, partition: String?, offset: Int64?) {
        let parts = (cause ?? "").split(separator: "#").first?.split(separator: "/") ?? []
        guard parts.count == 3 else { return (nil, nil, nil) }
        return (String(parts[0]), String(parts[1]), Int64(parts[2]))
    }
}

/// Reads what decides an event's place in a trace from its bytes.
struct FactsReading: ~Copyable {
    private var parser = JSONParser()

    init() {}

    /// `nil` for what is no event of ours.
    mutating func facts(of record: NewRecord) -> EventSpans.Facts? {
        guard let value = record.value else { return nil }
        do throws(JSONError) {
            let root = try parser.parse(value)
            guard let event: EventID = Self.read(root, "event_id"),
                let correlation: StoryID = Self.read(root, "correlation_id")
            else { return nil }
            return EventSpans.Facts(
                event: event, correlation: correlation, causation: Self.read(root, "causation_id"),
                cause: root.field("cause")?.string, intent: Self.intent(root),
                key: record.key.flatMap { String(validating: $0, as: UTF8.self) })
        } catch { return nil }
    }

    /// Said outright, or by the order's id, which begins with its decision's hash.
    private static func intent(_ root: JSONValue) -> IntentID? {
        guard let payload = root.field("payload") else { return nil }
        if let intent: IntentID = read(payload, "intent_id") { return intent }
        guard let account = root.field("account_label")?.string,
            let name: ClientOrderID = read(payload, "client_order_id"), let hash = DecisionHash(of: name)
        else { return nil }
        return EventMint.intentID(of: hash, account: account)
    }

    private static func read<Value: FieldText>(_ object: JSONValue, _ name: StaticString) -> Value? {
        guard let text = object.field(name)?.string else { return nil }
        do { return try unsafe Value.read(text.utf8.span.bytes) } catch { return nil }
    }
}
