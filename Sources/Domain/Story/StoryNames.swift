internal import Core

/// The ids under which a record tells of an order, and those of what it follows from.
public struct StoryNames: Sendable, Equatable {
    /// Decision, intent, client order id, the broker's ids: records that share one are of one story.
    public internal(set) var own: Set<String> = []
    /// Single events that this one names: a verdict, an override, a stop.
    public internal(set) var named: Set<EventID> = []
    /// Incidents of the canary, by key.
    public internal(set) var incidents: Set<String> = []
    public internal(set) var decision: DecisionHash?

    init() {}

    public init(of record: StoryRecord) {
        switch record.content {
        case .event(let event): self.init(of: event)
        case .message(let message): self.init(of: message)
        }
    }

    public init(of event: Event) {
        var collector = NameCollector()
        event.content.show(to: &collector)
        self = collector.names
        if case .control(let control) = event.content, case .intent(let intent) = control.order.scope {
            own.insert("\(intent)")
        }
        // What a canary's event follows from stands in its envelope alone.
        if case .canary = event.content, let causation = event.envelope.causation { named.insert(causation) }
    }

    init(of message: BrokerMessage) {
        if let id = message.clientOrderID { add(client: id.text) }
        if let id = message.alpacaOrderID { own.insert(id.text) }
    }

    /// A client order id of ours begins with its decision.
    mutating func add(client text: String) {
        own.insert(text)
        guard let hash = DecisionHash(of: ClientOrderID(trusted: text)) else { return }
        decision = decision ?? hash
        own.insert("\(hash)")
    }
}

/// Reads the ids of a payload by the names of their fields, so that a field that comes later is found as well.
private struct NameCollector: FieldWalker, PayloadViewer {
    typealias Failure = Never

    var names = StoryNames()

    mutating func view<Content: Payload>(_ payload: Content) {
        var payload = payload
        payload.walk(&self)
    }

    private static func text(_ value: some FieldText) -> String {
        if let held = value.heldText { return held }
        var bytes: [UInt8] = []
        value.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func take(_ name: StaticString, _ value: some FieldText) {
        if let id = value as? EventID {
            switch "\(name)" {
            case "verdict_event_id", "evaluation_event_id", "override_event_id", "control_event_id",
                "engaged_event_id", "latched_event_id", "simulated_event_id", "supersedes":
                names.named.insert(id)
            default: break
            }
            return
        }
        if let hash = value as? DecisionHash {
            names.decision = names.decision ?? hash
            names.own.insert("\(hash)")
            return
        }
        if let id = value as? ClientOrderID { return names.add(client: id.text) }
        if let id = value as? BrokerOrderID {
            names.own.insert(id.text)
            return
        }
        if let id = value as? IntentID {
            names.own.insert("\(id)")
            return
        }
        if let label = value as? Label, "\(name)" == "incident_key" { names.incidents.insert(label.text) }
    }
}

extension NameCollector {
    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value, _ note: FieldNote) {
        take(name, value)
    }

    mutating func field(_ name: StaticString, _ value: inout Int64, _ note: FieldNote) {}
    mutating func field(_ name: StaticString, _ value: inout Bool, _ note: FieldNote) {}
    mutating func field(_ name: StaticString, _ value: inout CompactJSON, _ note: FieldNote) {}

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record, _ note: FieldNote) {
        value.walk(&self)
    }

    mutating func field<Value: FieldText>(_ name: StaticString, _ value: inout Value?, _ note: FieldNote) {
        if let value { take(name, value) }
    }

    mutating func field(_ name: StaticString, _ value: inout Int64?, _ note: FieldNote) {}
    mutating func field(_ name: StaticString, _ value: inout Bool?, _ note: FieldNote) {}
    mutating func field(_ name: StaticString, _ value: inout CompactJSON?, _ note: FieldNote) {}

    mutating func field<Record: FieldRecord>(_ name: StaticString, _ value: inout Record?, _ note: FieldNote) {
        if var inner = value { inner.walk(&self) }
    }

    mutating func list<Value: FieldText>(
        _ name: StaticString, _ values: inout [Value], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {}

    mutating func list<Record: FieldRecord>(
        _ name: StaticString, _ values: inout [Record], _ counts: ClosedRange<Int>, _ note: FieldNote
    ) {}
}
