internal import Core
internal import Domain
internal import Wire

/// The answers to one read of decisions, on their way to one append.
struct AnswerBatch: Sendable {
    private var events: [Event] = []
    private(set) var counts = AnswerCounts()

    /// Whether anything on the decisions' topic was worked off.
    var isEmpty: Bool { counts == AnswerCounts() }

    mutating func add(_ answer: DecisionAnswer) {
        switch answer {
        case .repeated: counts.repeated += 1
        case .conflicted(let event):
            counts.conflicted += 1
            add(event)
        case .answered(let event):
            switch event.content {
            case .intents(.intentEmitted): counts.intents += 1
            case .intents(.decisionRejected): counts.rejected += 1
            default: counts.blocked += 1
            }
            add(event)
        }
    }

    /// A record that is no decision is told on the quarantine's topic, with the very append that passes it over.
    mutating func park(_ unreadable: Unreadable, at moment: Timestamp, seq: Int64) throws(LogError) {
        counts.parked += 1
        do { add(try Self.letter(unreadable, at: moment, seq: seq)) } catch {
            throw LogError(.append, .failed("\(unreadable.position) cannot be put aside: \(error)"))
        }
    }

    private mutating func add(_ event: Event) { events.append(event) }

    /// The answers as bytes; made beside the next read, not before it.
    func records() -> [NewRecord] {
        var encoder = EventEncoder()
        return events.map { event in
            var record = encoder.record(event)
            let partitions = event.content.type.family.topic.spec.partitions
            record.partition = record.key.map { Murmur2Partitioner.partition(forKey: $0, of: partitions) } ?? 0
            return record
        }
    }

    /// The handler's name and version as one that parks.
    private static let parker = (name: "commands", version: Int64(1))

    /// Of a key that is longer only its beginning is told; the place says which record it is.
    private static let maximumKeyBytes = 4_096

    /// What is wrong may quote the record, and the record may hold anything.
    private static func sayable(_ text: String) -> String {
        String(text.unicodeScalars.prefix(500).map { $0 == "\0" ? "\u{FFFD}" : Character($0) })
    }

    private static func letter(_ unreadable: Unreadable, at moment: Timestamp, seq: Int64) throws -> Event {
        let position = unreadable.position
        let value = unreadable.record.value ?? []
        let parked = RecordParked(
            record: ParkedKey(
                projection: try Label(parker.name), projectionVersion: parker.version,
                sourceTopic: try TopicName(position.source.topic), sourcePartition: Int64(position.source.partition),
                sourceOffset: position.offset,
                recordKey: try unreadable.record.key.map { try Octets(Array($0.prefix(maximumKeyBytes))) }),
            parkReason: unreadable.record.value == nil
                ? .missingPayload : unreadable.path.hasPrefix("$.payload") ? .unreadablePayload : .unreadableEnvelope,
            eventType: unreadable.eventType.flatMap { try? Code($0) }, errorPath: try? Code(unreadable.path),
            detail: try Prose(sayable(unreadable.why)),
            recordValue: try unreadable.record.value.map { try Octets(Array($0.prefix(Octets.maximumBytes))) },
            recordBytes: Int64(value.count), recordTruncated: value.count > Octets.maximumBytes,
            recordSHA256: EventMint.content(value))
        let id = EventMint.eventID(
            .step(of: "\(parker.name)/\(parker.version)/\(position)", parked.parkReason.rawValue))
        let envelope = Envelope(
            eventID: id, eventTime: moment, ingestTime: moment, seq: seq, source: try SourceName(parker.name),
            correlation: StoryID(high: id.high, low: id.low),
            cause: Cause(
                topic: position.source.topic, partition: position.source.partition, offset: position.offset))
        return Event(envelope, .quarantine(.recordParked(parked)))
    }
}
