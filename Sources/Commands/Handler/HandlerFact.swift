internal import Core
internal import Domain
internal import Folding
internal import Wire

/// What the handler reads of a record: a decision to answer, or what its state needs of anything else.
enum HandlerFact: Sendable {
    /// In a place of its own: a fact is small, and there are many more of them.
    indirect case decision(Event)
    case fact(DecisionFact)
}

/// Reads decisions whole, and of everything else only what the next decision must know.
struct HandlerReading: FactReader, ~Copyable {
    /// Larger decisions are put aside: their answer repeats them and would not fit into a record.
    static let maximumDecisionBytes = LogLimits.maximumRecordBytes - (64 << 10)

    static let wanted = Set(
        [
            EventFamily.decisions, .intents, .route, .orderEvents, .account, .control, .canary,
        ].flatMap(\.types))

    private var decoder = DecisionFactDecoder(wanting: wanted)

    mutating func read(_ value: RawSpan) throws(WireError) -> RecordReading<HandlerFact> {
        switch try decoder.decode(value) {
        case .fact(let fact, let type, let moment): return .fact(.fact(fact), of: type, at: moment)
        case .decision(let event):
            guard value.byteCount <= Self.maximumDecisionBytes else {
                throw WireError(
                    eventType: event.content.type.name, path: "$",
                    reason: .tooLarge(allowed: Self.maximumDecisionBytes, actual: value.byteCount))
            }
            return .fact(.decision(event), of: event.content.type, at: event.envelope.ingestTime)
        case .passed(let type, let moment): return .passed(type, at: moment)
        case .opaque(let event):
            let ingestTime = event.envelope.ingestTime
            switch event.type {
            case .known(let type): return .unknownVersion("version \(event.version) of \(type.name)", at: ingestTime)
            case .unknown(let name): return .unknownType(name.text, at: ingestTime)
            }
        }
    }
}
