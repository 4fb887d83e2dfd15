internal import Core
internal import Domain
internal import Wire

/// The records of one partition of a topic: their bytes in one block, and where each lies in it.
struct ReadPartition: Sendable {
    private struct Entry: Sendable {
        let offset: Int64
        let timestamp: Int64
        let start: Int
        let key: Int
        let value: Int
    }

    private var entries: [Entry] = []
    private var bytes: [UInt8] = []

    mutating func append(_ record: Record) {
        precondition(record.position.offset > entries.last?.offset ?? -1, "a log is told in its order")
        entries.append(
            Entry(
                offset: record.position.offset, timestamp: record.timestamp, start: bytes.count,
                key: record.key?.count ?? -1, value: record.value?.count ?? -1))
        bytes += (record.key ?? []) + (record.value ?? [])
    }

    /// The records as they were appended, read one after the other.
    func read(of source: TopicPartition, with decoder: inout NaiveDecoder) -> [ReadRecord] {
        entries.map { entry in
            let middle = entry.start + max(0, entry.key)
            let key = entry.key < 0 ? nil : Array(bytes[entry.start..<middle])
            let value = entry.value < 0 ? nil : Array(bytes[middle..<middle + entry.value])
            let record = Record(
                position: RecordPosition(source, entry.offset), timestamp: entry.timestamp, key: key, value: value,
                headers: [])
            return ReadRecord(record: record, reading: decoder.read(value))
        }
    }
}

/// A record, and what could be read of it.
struct ReadRecord {
    enum Reading {
        case event(Event)
        /// Of a type that no program of today knows.
        case unknownType
        /// Cannot be read; its type, if that can be told.
        case unreadable(EventType?)
    }

    let record: Record
    let reading: Reading
}

/// Reads records of all types.
struct NaiveDecoder: ~Copyable {
    private var decoder = EventDecoder()

    init() {}

    mutating func read(_ value: [UInt8]?) -> ReadRecord.Reading {
        guard let value else { return .unreadable(nil) }
        do {
            switch try decoder.decode(value) {
            case .event(let event): return .event(event)
            case .opaque(let event):
                guard case .known(let type) = event.type else { return .unknownType }
                return .unreadable(type)
            case .passed: preconditionFailure("a decoder that wants all types passes over none")
            }
        } catch { return .unreadable(error.eventType.flatMap { EventType.named($0) }) }
    }
}
