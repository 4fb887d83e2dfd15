import Bus
public import Core
import Synchronization
import Threading

/// The log's twin in memory: the same contract without a disk or a network, for tests of what stands on the log.
///
/// With `holes` it skips an offset after each append, as Kafka's transaction markers do, so that nobody comes to
/// rely on offsets without gaps.
public final class MemoryLog: EventLog {
    struct Partition {
        var begin: Int64 = 0
        var end: Int64 = 0
        var records: [Record] = []
    }

    struct Topic {
        var spec: TopicSpec
        let identity: String
        var partitions: [Partition]
    }

    struct State {
        var topics: [String: Topic] = [:]
        var created = 0
        var positions: [String: [TopicPartition: ConsumerPosition]] = [:]
        var epochs: [String: Int] = [:]
        var groups: [String: LocalGroup] = [:]
        var closed = false
    }

    private let state = Mutex(State())
    private let holes: Bool
    private let time: @Sendable () -> Int64
    let arrivals = Arrivals()

    public init(holes: Bool = false, time: @escaping @Sendable () -> Int64 = { 0 }) {
        self.holes = holes
        self.time = time
    }

    public func writer(named name: String) async throws(LogError) -> any EventWriter {
        let epoch = try locked(.open) { (state) throws(LogError) -> Int in
            state.epochs[name, default: 0] += 1
            return state.epochs[name, default: 0]
        }
        return MemoryWriter(log: self, name: name, epoch: epoch)
    }

    public func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        try locked(.position) { (state) throws(LogError) in
            var bounds: [TopicPartition: Bounds] = [:]
            for source in partitions {
                let partition = try state.partition(source, for: .position)
                bounds[source] = Bounds(begin: partition.begin, end: partition.end)
            }
            return bounds
        }
    }

    public func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try locked(.position) { (state) throws(LogError) in
            (state.positions[consumer] ?? [:]).filter { partitions.contains($0.key) }
        }
    }

    public func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader {
        let resolution = StartResolution(
            bounds: try await bounds(of: Array(starts.keys)),
            firstRecord: { (position) throws(LogError) in try self.first(from: position) },
            compacts: { (topic) throws(LogError) in try self.compacts(topic) })
        return MemoryReader(log: self, next: try await resolution.offsets(for: starts), options: options)
    }

    public func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        let shared = try locked(.join) { (state) throws(LogError) -> LocalGroup in
            guard let found = state.topics[topic] else { throw LogError(.join, .unknownTopic(topic)) }
            let existing = state.groups[group] ?? LocalGroup(partitions: Int32(found.partitions.count))
            state.groups[group] = existing
            return existing
        }
        return shared.join()
    }

    public func close() async {
        state.withLock { $0.closed = true }
        arrivals.wake()
    }

    /// Cuts a partition short, as an unclean leader election does: later offsets are given out again.
    public func truncate(_ source: TopicPartition, to end: Int64) {
        change(source) { partition in
            partition.records.removeAll { $0.position.offset >= end }
            partition.end = end
        }
    }

    /// Removes the head of a partition, as retention does.
    public func forget(_ source: TopicPartition, before begin: Int64) {
        change(source) { partition in
            partition.records.removeAll { $0.position.offset < begin }
            partition.begin = begin
        }
    }

    /// Takes records out of the middle, as compaction does.
    public func compact(_ source: TopicPartition, removing offsets: Set<Int64>) {
        change(source) { partition in partition.records.removeAll { offsets.contains($0.position.offset) } }
    }

    private func change(_ source: TopicPartition, _ body: (inout Partition) -> Void) {
        state.withLock { state in
            guard var topic = state.topics[source.topic] else { preconditionFailure("\(source) is not in the twin") }
            body(&topic.partitions[Int(source.partition)])
            state.topics[source.topic] = topic
        }
    }

    func append(_ append: Append, by name: String, epoch: Int) throws(LogError) -> [RecordPosition] {
        try LogLimits.check(append)
        let written = try locked(.append) { (state) throws(LogError) -> [RecordPosition] in
            guard state.epochs[name] == epoch else { throw LogError(.append, .fenced(writer: name)) }
            var next = state
            var written: [RecordPosition] = []
            for record in append.records { written.append(try next.add(record, at: time())) }
            for position in append.positions {
                _ = try next.partition(position.source, for: .append)
                next.positions[position.consumer, default: [:]][position.source] = position
            }
            if holes { for source in Set(written.map(\.source)) { next.skip(source) } }
            state = next
            return written
        }
        arrivals.wake()
        return written
    }

    /// The next records of each partition, and where a reader stands once it has them.
    func records(
        _ next: [TopicPartition: Int64], limit: Int
    ) throws(LogError) -> (records: [Record], ends: [TopicPartition: Int64]) {
        try locked(.read) { (state) throws(LogError) -> ([Record], [TopicPartition: Int64]) in
            var found: [Record] = []
            var ends: [TopicPartition: Int64] = [:]
            for (source, offset) in next.sorted(by: { $0.key < $1.key }) where found.count < limit {
                let partition = try state.partition(source, for: .read)
                guard offset >= partition.begin, offset <= partition.end else {
                    let held = Bounds(begin: partition.begin, end: partition.end)
                    throw LogError(.read, .positionOutOfRange(source, asked: offset, held))
                }
                let fresh = partition.records.drop { $0.position.offset < offset }.prefix(limit - found.count)
                found += fresh
                let last = fresh.last?.position.offset
                let drained = last == partition.records.last?.position.offset
                ends[source] = drained || fresh.isEmpty ? partition.end : (last ?? offset) + 1
            }
            return (found, ends)
        }
    }

    func first(from position: RecordPosition) throws(LogError) -> Record? {
        try locked(.read) { (state) throws(LogError) in
            try state.partition(position.source, for: .read).records.first { $0.position.offset >= position.offset }
        }
    }

    private func compacts(_ topic: String) throws(LogError) -> Bool {
        try locked(.read) { (state) throws(LogError) in (state.topics[topic]?.spec.cleanup ?? .delete) != .delete }
    }

    func locked<Result: Sendable>(
        _ operation: LogError.Operation, _ body: (inout State) throws(LogError) -> Result
    ) throws(LogError) -> Result {
        try state.withLock { (state) throws(LogError) in
            guard !state.closed else { throw LogError(operation, .closed) }
            return try body(&state)
        }
    }
}
