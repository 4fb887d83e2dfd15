public import Core
internal import Synchronization
internal import Threading

/// What retention did.
public struct JournalRetention: Hashable, Sendable {
    /// New begin offsets.
    public internal(set) var moved: [TopicPartition: Int64] = [:]
    public internal(set) var deletedSegments = 0
    public internal(set) var rewrittenSegments = 0
    public internal(set) var freedBytes: Int64 = 0
}

extension Journal {
    /// Lets go of records that are older or more than their topics keep, and gives their space back.
    ///
    /// First the new begin offsets become durable; only then bytes are removed, from sealed segments: one that holds
    /// nothing any more is deleted when it is the oldest, others are written anew without what is gone. One at a time.
    @discardableResult
    public func applyRetention(now: Int64) async throws(LogError) -> JournalRetention {
        let retention = Retention(core)
        let advances = try await retention.expired(now: now)
        var report = JournalRetention()
        if !advances.isEmpty {
            try await core.change(.adjust) { (state) throws(LogError) in
                advances.compactMap { key, advance in
                    // Someone else may have moved it meanwhile; then the counts are not ours to take.
                    guard var lane = state.lane(key), lane.begin == advance.from else { return nil }
                    lane.begin = advance.begin
                    lane.records -= advance.records
                    lane.bytes -= advance.bytes
                    return .laneMoved(key, lane)
                }
            }
            let state = state
            for (key, advance) in advances {
                guard let topic = state.topics[key.topic] else { continue }
                report.moved[TopicPartition(topic.definition.name, key.partition)] = advance.begin
            }
        }
        return try await retention.reclaim(report)
    }
}

/// The reading and rewriting half of retention, on a thread of its own.
actor Retention {
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    struct Advance: Sendable {
        /// Where the partition began when this was found.
        let from: Int64
        var begin: Int64
        var records: Int64 = 0
        var bytes: Int64 = 0

        /// A hole behind records that expire expires with them: else the begin would point into a deleted segment.
        mutating func pass(to next: Int64) {
            if records > 0 { begin = max(begin, next) }
        }
    }

    private let executor: BlockingExecutor
    private let core: JournalCore

    init(_ core: JournalCore) {
        self.core = core
        executor = core.retentionExecutor
    }

    /// Returns when no retention is under way any more: all of them run on one executor.
    func drain() {}

    /// A journal that closes gives its lock back, and then its files may be another's.
    private func checkOpen() throws(LogError) {
        if core.isClosing.load(ordering: .acquiring) { throw LogError(.adjust, .closed) }
    }

    /// How far each partition may begin later, judged by whole slices in the order of their offsets.
    func expired(now: Int64) throws(LogError) -> [(LaneKey, Advance)] {
        let state = core.published.withLock { $0 }
        let mark = core.board.place
        var open: [LaneKey: Advance] = [:]
        for topic in state.topics.values {
            let definition = topic.definition
            guard definition.retentionMilliseconds != nil || definition.retentionBytes != nil else { continue }
            for (partition, lane) in topic.lanes.enumerated() where lane.begin < lane.next {
                open[LaneKey(topic: definition.id, partition: Int32(partition))] = Advance(
                    from: lane.begin, begin: lane.begin)
            }
        }
        var done: [LaneKey: Advance] = [:]
        let listing = try core.folder.list(core.layer)
        guard let first = listing.segments.first, !open.isEmpty else { return [] }
        // Only retention rewrites files, so this mark stays right; what lies beyond it the state does not know.
        var cursor = try SegmentCursor(core.layer, core.folder, at: first, chunk: 1 << 16, mark: mark) { mark }
        while !open.isEmpty, let batch = try cursor.next(.directory) {
            for case .laneMoved(let key, let moved) in batch.changes { open[key]?.pass(to: moved.next) }
            for slice in batch.slices {
                guard var advance = open[slice.lane], slice.end > advance.begin,
                    let lane = state.lane(slice.lane), let topic = state.topics[slice.lane.topic]
                else { continue }
                let old =
                    topic.definition.retentionMilliseconds.map {
                        slice.newest < now.subtractingReportingOverflow($0).partialValue
                    } ?? false
                let over = topic.definition.retentionBytes.map { lane.bytes - advance.bytes > $0 } ?? false
                guard old || over else {
                    done[slice.lane] = open.removeValue(forKey: slice.lane)
                    continue
                }
                advance.begin = slice.end
                advance.records += Int64(slice.count)
                advance.bytes += Int64(slice.length)
                open[slice.lane] = advance
            }
            for case .offsetsKept(let kept) in batch.changes {
                for lane in kept { open[lane.lane]?.pass(to: lane.next) }
            }
        }
        return done.merging(open) { one, _ in one }.filter { $0.value.records > 0 }.sorted { $0.key < $1.key }
    }

    /// Gives back the space of sealed segments, oldest first.
    func reclaim(_ soFar: JournalRetention) throws(LogError) -> JournalRetention {
        var report = soFar
        let state = core.published.withLock { $0 }
        let active = core.board.place.segment
        var isOldest = true
        for segment in try core.folder.list(core.layer).segments where segment < active {
            try checkOpen()
            let use = try measure(segment, state)
            do throws(FileError) {
                if use.alive == 0 && isOldest {
                    try core.layer.remove(core.folder.segment(segment))
                    try core.layer.syncFolder(core.folder.path)
                    try core.layer.remove(core.folder.start(segment))
                    report.deletedSegments += 1
                    report.freedBytes += Int64(use.size)
                    continue
                }
            } catch { throw error.during(.adjust) }
            isOldest = false
            guard use.dead > 0, use.dead * 100 >= (use.dead + use.alive) * core.settings.rewritePercent else {
                continue
            }
            report.freedBytes += Int64(use.size - (try rewrite(segment, state)))
            report.rewrittenSegments += 1
        }
        return report
    }

    private func measure(
        _ segment: UInt64, _ state: JournalState
    ) throws(LogError) -> (alive: Int, dead: Int, size: Int) {
        let window = try BatchWindow(core.layer, path: core.folder.segment(segment), chunk: 1 << 16)
        var alive = 0
        var dead = 0
        var byte = 0
        while let found = try window.batch(at: byte, .directory) {
            let batch = try Recovery.whole(found, in: window)
            for slice in batch.slices {
                if state.isDead(slice) { dead += slice.length } else { alive += slice.length }
            }
            byte = batch.end
        }
        return (alive, dead, window.limit)
    }

    /// The new size.
    private func rewrite(_ segment: UInt64, _ state: JournalState) throws(LogError) -> Int {
        let window = try BatchWindow(core.layer, path: core.folder.segment(segment))
        var rewriter: SegmentRewriter
        do throws(FileError) {
            rewriter = try SegmentRewriter(core.layer, core.folder, segment)
        } catch { throw error.during(.adjust) }
        do throws(LogError) {
            var byte = 0
            while let found = try window.batch(at: byte, .payload) {
                let batch = try Recovery.whole(found, in: window)
                byte = batch.end
                try thin(batch, window, state, isLast: byte >= window.limit, &rewriter)
            }
        } catch {
            rewriter.abandon()
            throw error
        }
        do throws(LogError) {
            try checkOpen()
        } catch {
            rewriter.abandon()
            throw error
        }
        do throws(FileError) { try rewriter.finish() } catch { throw error.during(.adjust) }
        return rewriter.byte
    }

    /// Takes over what is alive of a batch.
    ///
    /// Its changes always stay, and so does the last batch of a segment: the next segment's name follows its
    /// sequence.
    private func thin(
        _ batch: BatchWindow.Batch, _ window: BatchWindow, _ state: JournalState, isLast: Bool,
        _ rewriter: inout SegmentRewriter
    ) throws(LogError) {
        let alive = batch.slices.filter { !state.isDead($0) }
        do throws(FileError) {
            if alive.count == batch.slices.count { return try rewriter.keep(batch, in: window) }
            rewriter.thinned = true
            if alive.isEmpty && batch.changes.isEmpty && !isLast { return }
        } catch { throw error.during(.adjust) }
        let block: Block
        do { block = Block(try BatchDecoder.payload(of: batch, in: window)) } catch {
            throw LogError(.adjust, .damaged(file: window.path, byte: Int64(error.byte), what: error.what))
        }
        let raw = Block(capacity: alive.reduce(0) { $0 + $1.length }.aligned)
        var place = 0
        let slices = alive.map { slice in
            raw.copy(from: block, slice.start..<slice.start + slice.length, to: place)
            var moved = slice
            moved.start = place
            place += slice.length
            return moved
        }
        do { try rewriter.put(batch.header, slices, batch.changes, raw, place) } catch { throw error.during(.adjust) }
    }
}

extension JournalState {
    /// Whether nobody may read these records any more.
    fileprivate func isDead(_ slice: Slice) -> Bool { lane(slice.lane).map { slice.end <= $0.begin } ?? true }
}
