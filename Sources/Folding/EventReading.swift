internal import Core
public import Domain
public import Wire

/// Reads whole events of the types that a fold takes.
public struct EventReading: FactReader, ~Copyable {
    private var decoder: EventDecoder

    public init(wanting wanted: Set<EventType>) { decoder = EventDecoder(wanting: wanted) }

    public mutating func read(_ value: RawSpan) throws(WireError) -> RecordReading<Event> {
        switch try decoder.decode(value) {
        case .event(let event): return .fact(event, of: event.content.type, at: event.envelope.ingestTime)
        case .passed(let envelope, let type): return .passed(type, at: envelope.ingestTime)
        case .opaque(let event):
            let ingestTime = event.envelope.ingestTime
            switch event.type {
            case .known(let type): return .unknownVersion("version \(event.version) of \(type.name)", at: ingestTime)
            case .unknown(let name): return .unknownType(name.text, at: ingestTime)
            }
        }
    }
}
