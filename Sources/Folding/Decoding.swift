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
            let homes = batch.sources.map { source in
                places[source].map { Home($0, source, isStrict: strictly.contains($0)) }
            }
            var last = [Int](repeating: -1, count: batch.sources.count)
            var latest = [Int64](repeating: .min, count: batch.sources.count)
            for index in batch.entries.indices {
                let local = Int(batch.entries[index].source)
                guard let home = homes[local] else { continue }
                last[local] = index
                let record = Self.read(&reader, index, batch, home, &latest[local])
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

    /// A partition, and what may lie there.
    private struct Home {
        let number: Int
        let family: EventFamily?
        let isStrict: Bool

        init(_ number: Int, _ source: TopicPartition, isStrict: Bool) {
            self.number = number
            family = EventFamily(topic: source.topic)
            self.isStrict = isStrict
        }
    }

    @inline(__always)
    private static func read(
        _ reader: inout Reader, _ index: Int, _ batch: RecordBatch, _ home: Home, _ latest: inout Int64
    ) -> FollowedRecord<Reader.Fact>? {
        let entry = batch.entries[index]
        let why: String
        var path = "$"
        var type: String?
        if let value = batch.bytes(of: entry.value) {
            do throws(WireError) {
                switch try reader.read(value) {
                case .fact(let fact, let kind, let moment):
                    guard let misplaced = kind.misplacement(among: home.family) else {
                        latest = max(latest, moment.nanoseconds)
                        return FollowedRecord(
                            source: home.number, offset: entry.offset, ingestTime: moment, reach: latest,
                            content: .fact(fact))
                    }
                    (why, path, type) = (misplaced, "$.event_type", kind.name)
                case .passed(let kind, let moment):
                    guard let misplaced = kind.misplacement(among: home.family) else {
                        latest = max(latest, moment.nanoseconds)
                        return nil
                    }
                    (why, path, type) = (misplaced, "$.event_type", kind.name)
                case .unknownType(let name, let moment):
                    latest = max(latest, moment.nanoseconds)
                    guard home.isStrict else { return nil }
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
            source: home.number, offset: entry.offset, ingestTime: Timestamp(nanoseconds: latest), reach: latest,
            content: .unreadable(unreadable))
    }
}
