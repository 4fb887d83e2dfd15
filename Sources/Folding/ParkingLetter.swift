public import Core
public import Domain
internal import Wire

/// What is written on the quarantine's topic for a record that was put aside, with the very append that passes it over.
public struct ParkingLetter: Sendable {
    /// Who parks: the name and the version of a reader.
    public let parker: String
    public let version: Int64

    public init(from parker: String, version: Int64) {
        self.parker = parker
        self.version = version
    }

    /// Why a record is put aside.
    public struct Reason: Sendable {
        public var word: ParkReason
        public var detail: String
        public var path: String
        public var eventType: String?

        public init(_ word: ParkReason, _ detail: String, path: String = "$", eventType: String? = nil) {
            self.word = word
            self.detail = detail
            self.path = path
            self.eventType = eventType
        }
    }

    /// Of a key that is longer only its beginning is told; the place says which record it is.
    private static let maximumKeyBytes = 4_096

    public func letter(
        for record: Record, _ reason: Reason, at moment: Timestamp, seq: Int64
    ) throws(LogError) -> Event {
        do { return try make(record, reason, moment, seq) } catch {
            throw LogError(.append, .failed("\(record.position) cannot be put aside: \(error)"))
        }
    }

    private func make(_ record: Record, _ reason: Reason, _ moment: Timestamp, _ seq: Int64) throws -> Event {
        let position = record.position
        let value = record.value ?? []
        let parked = RecordParked(
            record: ParkedKey(
                projection: try Label(parker), projectionVersion: version,
                sourceTopic: try TopicName(position.source.topic), sourcePartition: Int64(position.source.partition),
                sourceOffset: position.offset,
                recordKey: try record.key.map { try Octets(Array($0.prefix(Self.maximumKeyBytes))) }),
            parkReason: reason.word, eventType: reason.eventType.flatMap { try? Code($0) },
            errorPath: try? Code(reason.path), detail: try Prose(Self.sayable(reason.detail)),
            recordValue: try record.value.map { try Octets(Array($0.prefix(Octets.maximumBytes))) },
            recordBytes: Int64(value.count), recordTruncated: value.count > Octets.maximumBytes,
            recordSHA256: EventMint.content(value))
        let id = EventMint.eventID(.step(of: "\(parker)/\(version)/\(position)", parked.parkReason.rawValue))
        let envelope = Envelope(
            eventID: id, eventTime: moment, ingestTime: moment, seq: seq, source: try SourceName(parker),
            correlation: StoryID(high: id.high, low: id.low),
            cause: Cause(
                topic: position.source.topic, partition: position.source.partition, offset: position.offset))
        return Event(envelope, .quarantine(.recordParked(parked)))
    }

    /// What is wrong may quote the record, and the record may hold anything.
    private static func sayable(_ text: String) -> String {
        String(text.unicodeScalars.prefix(500).map { $0 == "\0" ? "\u{FFFD}" : Character($0) })
    }
}

extension ParkingLetter.Reason {
    /// Why a record of ours that could not be read is put aside.
    public init(_ unreadable: Unreadable) {
        let word: ParkReason =
            unreadable.record.value == nil
            ? .missingPayload : unreadable.path.hasPrefix("$.payload") ? .unreadablePayload : .unreadableEnvelope
        self.init(word, unreadable.why, path: unreadable.path, eventType: unreadable.eventType)
    }
}
