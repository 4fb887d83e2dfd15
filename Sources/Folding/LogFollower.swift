public import Core

/// Follows several partitions of a log for one fold: first everything that was there at the start, brought into one
/// order, then what comes, as it comes.
///
/// While it catches up, records are decoded on several threads. It holds a bounded number of them: when one partition
/// is far ahead of another, the others are read alone until they are level. One caller at a time.
public final class LogFollower<Reader: FactReader & ~Copyable> {
    public typealias Batch = FollowedBatch<Reader.Fact>

    /// In the order in which partitions go whose records name the same moment.
    public private(set) var sources: [TopicPartition]
    /// Whether everything that was there at the start has been handed out.
    public private(set) var isCaughtUp = false
    /// Records read so far, those included that the fold does not take.
    public private(set) var recordsRead = 0

    private let log: any EventLog
    private let limits: FollowerLimits
    private let desks: [ReadingDesk<Reader>]
    private var places: [TopicPartition: Int]
    /// Sources of which nothing is passed over.
    private var strict: Set<Int>
    private var merge: LogMerge<Reader.Fact>
    private var reader: (any EventReader)?
    private var reading = Reading.all
    /// The partitions that are read alone.
    private var narrowed: Set<Int> = []
    private var ahead: [Task<DecodedBatch<Reader.Fact>, Never>] = []
    private var turn = 0
    /// The next read of one who has caught up and is behind again: it is decoded while this one is worked off.
    private var coming: Task<Result<Coming, LogError>, Never>?
    /// Whether it began behind records that were folded before.
    public let isResumed: Bool

    private struct Coming: Sendable {
        let decoded: DecodedBatch<Reader.Fact>
        let isEmpty: Bool
        /// Whether more lies behind it: who reads only half of what he may has read all there was.
        let isFull: Bool
    }

    /// Which partitions the open reader reads.
    private enum Reading {
        case all
        /// Those that are not read to their end.
        case unfinished
        /// Those alone that the others wait for.
        case lagging
    }

    /// Opens at a vector; partitions that it does not name are read from their first record on.
    ///
    /// A vector that does not fit the log is refused, anchors included. `make` gives one reader for each thread.
    public nonisolated(nonsending) static func open(
        _ log: any EventLog, _ sources: [TopicPartition], at vector: FoldVector = FoldVector(),
        _ limits: FollowerLimits = FollowerLimits(), reading make: () -> sending Reader
    ) async throws(LogError) -> LogFollower {
        let sources = FoldOrder.sorted(sources)
        let bounds = try await log.bounds(of: sources)
        var lanes: [LogMerge<Reader.Fact>.Lane] = []
        for source in sources {
            guard let held = bounds[source] else { throw LogError(.read, .unknownPartition(source)) }
            let place = vector.places[source] ?? FoldVector.Place(next: 0)
            lanes.append(LogMerge.Lane(place, end: held.end))
        }
        let follower = LogFollower(log, sources, lanes, limits, isResumed: !vector.places.isEmpty, make)
        try await follower.open(starts: sources.reduce(into: [:]) { $0[$1] = vector.start(of: $1) })
        return follower
    }

    private init(
        _ log: any EventLog, _ sources: [TopicPartition], _ lanes: [LogMerge<Reader.Fact>.Lane],
        _ limits: FollowerLimits, isResumed: Bool, _ make: () -> sending Reader
    ) {
        self.log = log
        self.isResumed = isResumed
        self.limits = limits
        self.sources = sources
        places = Dictionary(uniqueKeysWithValues: sources.enumerated().map { ($1, $0) })
        strict = Self.strict(sources)
        merge = LogMerge(sources, lanes)
        desks = (0..<max(1, limits.decoders)).map { _ in ReadingDesk(make) }
    }

    /// How far the records reach that were handed out: what a snapshot keeps beside the state.
    public var vector: FoldVector { merge.vector }

    /// The same for one partition whose records are handed out as they come.
    public func place(of source: TopicPartition) -> FoldVector.Place? {
        places[source].flatMap { isCaughtUp ? merge.lanes[$0].place(before: nil) : nil }
    }

    /// The next records, or none when none came within the wait.
    public nonisolated(nonsending) func next(waiting limit: Duration) async throws(LogError) -> Batch {
        isCaughtUp ? try await follow(limit) : try await catchUp(limit)
    }

    /// Whether everything of this partition that is on the log at this moment was handed out.
    public nonisolated(nonsending) func isAtEnd(of source: TopicPartition) async throws(LogError) -> Bool {
        guard isCaughtUp, let place = places[source] else { return false }
        guard let bounds = try await log.bounds(of: [source])[source] else { return false }
        return merge.lanes[place].next >= bounds.end
    }

    public nonisolated(nonsending) func close() async {
        for task in ahead { _ = await task.value }
        ahead = []
        _ = await coming?.value
        coming = nil
        await reader?.close()
        reader = nil
    }
}

extension LogFollower where Reader: ~Copyable {
    /// Follows more partitions from now on: those whose records are worked off, once the fold has caught up.
    public nonisolated(nonsending) func follow(
        also starts: [TopicPartition: ConsumerPosition]
    ) async throws(LogError) {
        precondition(isCaughtUp && coming == nil, "work begins when the state is known")
        for (source, position) in starts.sorted(by: { $0.key < $1.key }) where places[source] == nil {
            places[source] = sources.count
            sources.append(source)
            merge.join(source, FoldVector.Place(next: position.next, anchor: position.anchor))
        }
        strict = Self.strict(sources)
        let vector = vector
        try await open(starts: sources.reduce(into: [:]) { $0[$1] = vector.start(of: $1) })
    }

    private nonisolated(nonsending) func open(starts: [TopicPartition: ReadStart]) async throws(LogError) {
        await reader?.close()
        reader = nil
        reader = try await log.reader(
            from: starts,
            ReadOptions(
                maximumRecords: limits.maximumBatchRecords, maximumBytes: limits.maximumBatchBytes, headers: false))
    }

    private nonisolated(nonsending) func follow(_ limit: Duration) async throws(LogError) -> Batch {
        guard let reader else { throw LogError(.read, .closed) }
        let read: Coming
        if let coming {
            self.coming = nil
            read = try await coming.value.get()
        } else {
            read = try await fetch(reader, limit).get()
        }
        guard !read.isEmpty else { return Batch([], sources: sources) }
        recordsRead += read.decoded.count
        merge.pass(read.decoded)
        if read.isFull { coming = Task.detached { [fetch] in await fetch(reader, .zero) } }
        return Batch(read.decoded.records, sources: sources)
    }

    private var fetch: @Sendable (any EventReader, Duration) async -> Result<Coming, LogError> {
        { [desk = desks[0], places, strict, most = limits.maximumBatchRecords] reader, limit in
            do throws(LogError) {
                let batch = try await reader.next(waiting: limit)
                return .success(
                    Coming(
                        decoded: desk.read(batch, places, strictly: strict),
                        isEmpty: batch.isEmpty && batch.next.isEmpty, isFull: batch.count > most / 2))
            } catch { return .failure(error) }
        }
    }

    private nonisolated(nonsending) func read(_ limit: Duration) async throws(LogError) -> RecordBatch {
        guard let reader else { throw LogError(.read, .closed) }
        return try await reader.next(waiting: limit)
    }

    /// On control nothing is passed over: what this program does not know may be an order to stop.
    fileprivate static func strict(_ sources: [TopicPartition]) -> Set<Int> {
        Set(sources.indices.filter { FoldOrder.isStrict(sources[$0]) })
    }
}

/// Catching up.
extension LogFollower where Reader: ~Copyable {
    private nonisolated(nonsending) func catchUp(_ limit: Duration) async throws(LogError) -> Batch {
        while !merge.isAtEnd {
            try await keepLevel()
            // What was on its way may have been the last: then there is nothing to wait for.
            if merge.isAtEnd { break }
            try await readAhead(limit)
            guard !ahead.isEmpty else { return Batch([], sources: sources) }
            await takeNext()
            if let batch = merge.release() { return batch }
        }
        while !ahead.isEmpty { await takeNext() }
        isCaughtUp = true
        if reading != .all { try await widen(to: .all) }
        return merge.release() ?? Batch([], sources: sources)
    }

    private nonisolated(nonsending) func readAhead(_ limit: Duration) async throws(LogError) {
        while ahead.count < limits.batchesAhead {
            let batch = try await read(ahead.isEmpty ? limit : .zero)
            guard !batch.isEmpty || !batch.next.isEmpty else { return }
            turn = (turn + 1) % desks.count
            ahead.append(
                Task.detached { [desk = desks[turn], places, strict] in
                    desk.read(batch, places, strictly: strict)
                })
        }
    }

    private nonisolated(nonsending) func takeNext() async {
        let decoded = await ahead.removeFirst().value
        recordsRead += decoded.count
        merge.add(decoded)
    }

    /// When too much is held, reads only what the others wait for; when that has come, reads on as before.
    private nonisolated(nonsending) func keepLevel() async throws(LogError) {
        if merge.heldCount > limits.maximumHeldRecords {
            let lagging = Set(merge.lagging)
            // Those that have caught up are only left out when they bring too much more.
            let isFlooded = merge.heldCount > 2 * limits.maximumHeldRecords && lagging != narrowed
            if reading != .lagging || isFlooded || !lagging.isSubset(of: narrowed) { try await narrow() }
        } else if reading == .lagging {
            // Partitions that were read to their end give nothing more to wait for.
            let isSpent = narrowed.allSatisfy { merge.lanes[$0].isAtEnd }
            if isSpent || merge.heldCount <= limits.maximumHeldRecords / 2 { try await widen(to: .unfinished) }
        }
    }

    private nonisolated(nonsending) func narrow() async throws(LogError) {
        while !ahead.isEmpty { await takeNext() }
        let lagging = merge.lagging
        guard !lagging.isEmpty else { return }
        reading = .lagging
        narrowed = Set(lagging)
        try await open(starts: starts(lagging))
    }

    private nonisolated(nonsending) func widen(to wanted: Reading) async throws(LogError) {
        while !ahead.isEmpty { await takeNext() }
        reading = wanted
        let lanes = sources.indices.filter { wanted == .all || !merge.lanes[$0].isAtEnd }
        guard !lanes.isEmpty else { return }
        try await open(starts: starts(lanes))
    }

    private func starts(_ lanes: [Int]) -> [TopicPartition: ReadStart] {
        lanes.reduce(into: [:]) { $0[sources[$1]] = .offset(merge.lanes[$1].next) }
    }
}
