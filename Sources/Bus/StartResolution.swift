public import Core
internal import Digest

/// Turns the starts a reader asked for into offsets, and refuses those that would lose or repeat something.
///
/// There is no reset policy: a position outside the log is an incident. A stored position is believed only while
/// the record before it is the one that was consumed; a topic that was truncated, or deleted and created again,
/// holds another one there, and Kafka would go on without a word.
public struct StartResolution: Sendable {
    /// What a reader of one partition finds at an offset or after it.
    public typealias FirstRecord = @Sendable (RecordPosition) async throws(LogError) -> Record?
    public typealias Compacts = @Sendable (_ topic: String) async throws(LogError) -> Bool

    private let bounds: [TopicPartition: Bounds]
    private let firstRecord: FirstRecord
    private let compacts: Compacts

    public init(
        bounds: [TopicPartition: Bounds], firstRecord: @escaping FirstRecord, compacts: @escaping Compacts
    ) {
        self.bounds = bounds
        self.firstRecord = firstRecord
        self.compacts = compacts
    }

    public func offsets(for starts: [TopicPartition: ReadStart]) async throws(LogError) -> [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for (source, start) in starts.sorted(by: { $0.key < $1.key }) {
            guard let held = bounds[source] else { throw LogError(.read, .unknownPartition(source)) }
            switch start {
            case .beginning: offsets[source] = held.begin
            case .end: offsets[source] = held.end
            case .offset(let offset): offsets[source] = try within(held, offset, of: source)
            case .after(let position):
                precondition(position.source == source, "a stored position belongs to its own partition")
                offsets[source] = try within(held, position.next, of: source)
                if let anchor = position.anchor { try await check(anchor, of: source, in: held) }
            }
        }
        return offsets
    }

    private func within(_ held: Bounds, _ offset: Int64, of source: TopicPartition) throws(LogError) -> Int64 {
        guard (held.begin...held.end).contains(offset) else {
            throw LogError(.read, .positionOutOfRange(source, asked: offset, held))
        }
        return offset
    }

    private func check(_ anchor: Anchor, of source: TopicPartition, in held: Bounds) async throws(LogError) {
        // Retention has taken the anchor, and the position itself is still held: nothing to compare, nothing lost.
        guard anchor.offset >= held.begin else { return }
        let found = try await firstRecord(RecordPosition(source, anchor.offset))
        if let found, found.position.offset == anchor.offset {
            guard RecordHash.of(found) == anchor.hash else { throw mismatch(anchor, source) }
        } else if try await !compacts(source.topic) {
            // Only compaction may take a record out of the middle.
            throw mismatch(anchor, source)
        }
    }

    private func mismatch(_ anchor: Anchor, _ source: TopicPartition) -> LogError {
        LogError(.read, .anchorMismatch(source, offset: anchor.offset))
    }
}
