internal import Core
internal import Digest
internal import Domain
internal import Wire

/// Turns batches of records into chunks: each record is decoded once, whoever wants it.
///
/// Patched records and those that waited are read by it too, so that they mean the same.
final class RecordDecoder {
    private var decoder: EventDecoder
    private var sources: [TopicPartition: Int] = [:]
    /// Of each source: which partition it is, and of how many.
    private var homes: [(partition: Int32, count: Int32)?] = []

    init(wanting wanted: Set<EventType>) { decoder = EventDecoder(wanting: wanted) }

    /// Records say by number which of these they come from.
    func bind(to sources: [TopicPartition]) {
        self.sources = Dictionary(uniqueKeysWithValues: sources.enumerated().map { ($1, $0) })
        homes = sources.map { source in
            TopicCatalog.topic(named: source.topic).map { (source.partition, $0.spec.partitions) }
        }
    }

    private func isMisplaced(_ reading: Reading, in source: Int) -> Bool {
        guard case .event(let read) = reading, let (partition, count) = homes[source] else { return false }
        return read.event.home(among: count) ?? partition != partition
    }

    func append(_ batch: RecordBatch, to chunk: inout Chunk, for table: UnitTable) throws(FoldFailure) {
        // A record that this chunk has already is left out: within a chunk nobody else would notice.
        let known = batch.sources.map { chunk.next[$0] ?? .min }
        for (source, next) in batch.next { chunk.next[source] = max(next, chunk.next[source] ?? .min) }
        guard !batch.isEmpty else { return }
        let index = chunk.batches.count
        chunk.batches.append(batch)
        let places = batch.sources.map { sources[$0] }
        var last = [Int?](repeating: nil, count: batch.sources.count)
        for (number, entry) in batch.entries.enumerated() {
            guard let source = places[Int(entry.source)], entry.offset >= known[Int(entry.source)] else { continue }
            last[Int(entry.source)] = number
            let reading = read(batch.bytes(of: entry.value))
            chunk.append(
                reading,
                at: Chunk.Place(
                    batch: index, entry: number, source: source, offset: entry.offset,
                    isMisplaced: isMisplaced(reading, in: source)))
            try table.meet(chunk.count - 1, of: &chunk)
        }
        for (source, number) in last.enumerated() {
            guard let number else { continue }
            chunk.anchors[batch.sources[source]] = RecordHash.anchor(at: batch.entries[number], in: batch)
        }
    }

    func read(_ value: RawSpan?) -> Reading {
        guard let value else { return .refused(Refusal(.missingPayload, at: "$", "the record has no value"), nil) }
        do throws(WireError) {
            switch try decoder.decode(value) {
            case .event(let event): return .event(ReadEvent(event))
            case .passed: return .passed
            case .opaque(let event):
                guard case .known(let type) = event.type else { return .passed }
                return .refused(
                    Refusal(.unknownVersion, at: "$.version", "version \(event.version) of \(type.name) is not known"),
                    type)
            }
        } catch {
            return .refused(
                Refusal(Self.reason(error), at: error.path, error.description),
                error.eventType.flatMap { EventType.named($0) })
        }
    }

    func read(_ value: [UInt8]?) -> Reading {
        guard let value else { return read(nil as RawSpan?) }
        // Safe: bytes are plain integers.
        return read(unsafe value.span.bytes)
    }

    private static func reason(_ error: WireError) -> ParkReason {
        switch error.reason {
        case .malformed: .malformed
        case .tooLarge: .tooLarge
        default: error.path.hasPrefix("$.payload") ? .unreadablePayload : .unreadableEnvelope
        }
    }
}
