public import Core
public import Domain
public import JSON

/// Reads from records only what the decider's fold takes of them, which is a third of the work.
///
/// A record that our own encoder wrote is walked once and only what is needed of it is made; one that looks any
/// different is read whole. Both give the same fact.
public struct DecisionFactDecoder: ~Copyable {
    private var whole: EventDecoder
    private var parser: JSONParser
    private let names = KnownNames()

    /// `wanted` are the types that are read at all.
    public init(wanting wanted: Set<EventType>, limits: JSONLimits = JSONLimits()) {
        whole = EventDecoder(wanting: wanted, limits: limits)
        parser = JSONParser(limits: limits)
    }

    /// What a record turned out to be.
    public enum Read: Sendable {
        case fact(DecisionFact, of: EventType, at: Timestamp)
        /// A decision, whole: it is to be answered.
        case decision(Event)
        /// An event that changes nothing for the decider; its payload was not looked at.
        case passed(EventType, at: Timestamp)
        case opaque(OpaqueEvent)
    }

    public mutating func decode(_ bytes: RawSpan) throws(WireError) -> Read {
        if let head = FrameHead(bytes) {
            if DecisionFactShape.isNothing(head) { return .passed(head.type, at: head.ingestTime) }
            if let shape = DecisionFactShape(head), let fact = read(bytes, shape) {
                return .fact(fact, of: head.type, at: head.ingestTime)
            }
        }
        switch try whole.decode(bytes) {
        case .event(let event):
            if case .decisions = event.content { return .decision(event) }
            let (fact, type, moment) = (DecisionFact(event), event.content.type, event.envelope.ingestTime)
            return fact == .moment ? .passed(type, at: moment) : .fact(fact, of: type, at: moment)
        case .passed(let envelope, let type): return .passed(type, at: envelope.ingestTime)
        case .opaque(let event): return .opaque(event)
        }
    }

    /// `nil` when it has to be read whole, for whatever reason: a refusal then says it in full.
    private mutating func read(_ bytes: RawSpan, _ shape: DecisionFactShape) -> DecisionFact? {
        let known = names
        let lent = KnownNames.Lent(known)
        do throws(JSONError) {
            let root = try parser.parse(bytes)
            guard let fields = root.fields() else { return nil }
            var frame = FactFields(fields, lent)
            do throws(WalkFailure) { return try shape.read(&frame) } catch { return nil }
        } catch { return nil }
    }
}
