internal import Core
internal import Digest
internal import Domain
internal import Synchronization
internal import Wire

/// A batch of records, read by a fold's own reader.
struct DecodedBatch<Fact: Sendable>: Sendable {
    /// What one partition of the batch came to.
    struct Part: Sendable {
        let source: Int
        /// Where the reader stands behind it.
        let next: Int64
        /// The last record, whatever it was.
        let anchor: Anchor?
        /// The latest moment that any record of it names.
        let latest: Int64
    }

    var records: [FollowedRecord<Fact>] = []
    var parts: [Part] = []
    /// How many records were read, those included that the fold does not take.
    var count = 0
}

/// One reader, used by one thread at a time.
final class ReadingDesk<Reader: FactReader & ~Copyable>: Sendable {
    private let reader: Mutex<Reader>

    init(_ make: () -> sending Reader) { reader = Mutex(make()) }

    /// Reads a batch; `places` tells the number of each partition that is followed.
    func read(_ batch: RecordBatch, _ places: [TopicPartition: Int], strictly: Set<Int>) -> DecodedBatch<Reader.Fact> {
        reader.withLock { reader in
            var decoded = DecodedBatch<Reader.Fact>()
            decoded.records.reserveCapacity(batch.count)
            decoded.count = batch.count
            let numbers = batch.sources.map { places[$0] }
            var last = [Int](repeating: -1, count: batch.sources.count)
            var latest = [Int64](repeating: .min, count: batch.sources.count)
            for index in batch.entries.indices {
                let local = Int(batch.entries[index].source)
                guard let number = numbers[local] else { continue }
                last[local] = index
                let record = Self.read(&reader, index, batch, number, strictly, &latest[local])
                if let record { decoded.records.append(record) }
            }
            for (source, next) in batch.next {
                guard let number = places[source] else { continue }
                let local = batch.sources.firstIndex(of: source)
                let index = local.map { last[$0] } ?? -1
                decoded.parts.append(
                    DecodedBatch.Part(
                        source: number, next: next,
                        anchor: index < 0 ? nil : RecordHash.anchor(at: batch.entries[index], in: batch),
                        latest: local.map { latest[$0] } ?? .min))
            }
            return decoded
        }
    }

    @inline(__always)
    private static func read(
        _ reader: inout Reader, _ index: Int, _ batch: RecordBatch, _ source: Int, _ strictly: Set<Int>,
        _ latest: inout Int64
    ) -> FollowedRecord<Reader.Fact>? {
        let entry = batch.entries[index]
        let why: String
        var path = "$"
        var type: String?
        if let value = batch.bytes(of: entry.value) {
            do throws(WireError) {
                switch try reader.read(value) {
                case .fact(let fact, let moment):
                    latest = max(latest, moment.nanoseconds)
                    return FollowedRecord(
                        source: source, offset: entry.offset, ingestTime: moment, reach: latest, content: .fact(fact))
                case .passed(let moment):
                    latest = max(latest, moment.nanoseconds)
                    return nil
                case .unknownType(let name, let moment):
                    latest = max(latest, moment.nanoseconds)
                    guard strictly.contains(source) else { return nil }
                    why = "event type '\(name)' is not known"
                case .unknownVersion(let what, let moment):
                    latest = max(latest, moment.nanoseconds)
                    why = "\(what) is not known"
                }
            } catch {
                why = error.description
                path = error.path
                type = error.eventType
            }
        } else {
            why = "the record has no value"
        }
        let unreadable = Unreadable(record: batch.record(at: index), why: why, path: path, eventType: type)
        // It stands where the record before it stands.
        return FollowedRecord(
            source: source, offset: entry.offset, ingestTime: Timestamp(nanoseconds: latest), reach: latest,
            content: .unreadable(unreadable))
    }
}
