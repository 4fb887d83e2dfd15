public import Core
internal import Threading

/// Reads partitions of a journal, each from its own start, in the order in which the journal was written.
///
/// In the writing process it is told when there is more; in another it looks at the published mark. Damage that it
/// meets is an error with file and byte, and nothing of that batch is delivered. One caller at a time.
public actor JournalReader {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private struct Wanted {
        let source: TopicPartition
        let key: LaneKey
        var next: Int64
    }

    /// What was decompressed and not delivered yet, because the caller asked for less.
    private struct Leftover {
        var block: [UInt8]
        var entries: ArraySlice<RecordBatch.Entry>
        /// Where each lane stands after all of it.
        var next: [Int64]
    }

    /// Decompressed at once: more would only leave the processor's cache before it is looked at.
    private static let preferredBytes = 1 << 20

    private let executor = BlockingExecutor("journal reader")
    private let recovery: Recovery
    private let options: ReadOptions
    private let sources: [TopicPartition]
    private let board: MarkBoard?
    private var lanes: [Wanted]
    private var indexOfLane: [LaneKey: Int] = [:]
    private var cursor: SegmentCursor
    private var mark: DurableMark.Place
    private var leftover: Leftover?
    private var closed = false
    private var failure: LogError?

    /// Opens a reader from any process.
    public static func open(
        _ path: String, from starts: [TopicPartition: ReadStart], _ options: ReadOptions = .init()
    ) async throws(LogError) -> JournalReader {
        try await open(path, from: starts, options, on: SystemFiles())
    }

    package static func open(
        _ path: String, from starts: [TopicPartition: ReadStart], _ options: ReadOptions = .init(),
        on layer: any FileLayer
    ) async throws(LogError) -> JournalReader {
        let recovery = Recovery(layer: layer, folder: JournalFolder(path: path))
        return try JournalReader(recovery, try recovery.readable(), nil, starts, options)
    }

    init(
        _ recovery: Recovery, _ picture: JournalPicture, _ board: MarkBoard?, _ starts: [TopicPartition: ReadStart],
        _ options: ReadOptions
    ) throws(LogError) {
        var lanes: [Wanted] = []
        for source in starts.keys.sorted() {
            let (key, lane) = try picture.state.key(of: source, .read)
            let next =
                switch starts[source] ?? .beginning {
                case .beginning: lane.begin
                case .end: lane.next
                case .offset(let offset): offset
                case .after(let position): position.next
                }
            guard next >= lane.begin, next <= lane.next else {
                let bounds = Bounds(begin: lane.begin, end: lane.next)
                throw LogError(.read, .positionOutOfRange(source, asked: next, bounds))
            }
            lanes.append(Wanted(source: source, key: key, next: next))
        }
        let finder = SegmentFinder(recovery: recovery, identity: picture.identity)
        let first = try finder.segment(holding: lanes.map { ($0.key, $0.next) }, last: picture.mark.segment)
        self.recovery = recovery
        self.options = options
        self.board = board
        self.lanes = lanes
        sources = lanes.map(\.source)
        for (index, lane) in lanes.enumerated() { indexOfLane[lane.key] = index }
        cursor = try SegmentCursor(recovery.layer, recovery.folder, at: first)
        mark = picture.mark
    }

    public func close() { closed = true }

    /// The next records, or an empty batch when none came within the wait.
    public func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        var pause = Duration.milliseconds(1)
        while true {
            if closed || board?.isClosed == true { throw LogError(.read, .closed) }
            if let failure { throw failure }
            do throws(LogError) {
                if let batch = try advance() { return batch }
            } catch {
                let failure = LogError(.read, error.reason)
                self.failure = failure
                throw failure
            }
            let left = clock.now.duration(to: deadline)
            guard left > .zero, !Task.isCancelled else { return .empty }
            if let board {
                await board.wait(beyond: mark, left)
            } else {
                // A cancelled sleep ends the wait at the next turn.
                try? await Task.sleep(for: min(pause, left))
                pause = min(pause * 2, .milliseconds(20))
            }
        }
    }

    /// One batch from what is durable now; `nil` when there is nothing more.
    private func advance() throws(LogError) -> RecordBatch? {
        if let batch = deliver() { return batch }
        if lanes.isEmpty { return nil }
        mark = if let board { board.place } else { try recovery.publishedMark() }
        while let first = try cursor.next(below: mark, .payload) {
            var group: [BatchWindow.Batch] = []
            var records = 0
            var bytes = 0
            let mostBytes = min(options.maximumBytes, Self.preferredBytes)
            var found: BatchWindow.Batch? = first
            while let batch = found {
                if concerns(batch) {
                    group.append(batch)
                    records += batch.header.records
                    bytes += batch.header.payloadBytes
                }
                guard records < options.maximumRecords, bytes < mostBytes else { break }
                found = try cursor.next(below: mark, .payload, resident: true)
            }
            try decode(group)
            if let batch = deliver() { return batch }
        }
        return nil
    }

    private func concerns(_ batch: BatchWindow.Batch) -> Bool {
        batch.slices.contains { indexOfLane[$0.lane] != nil }
            || batch.changes.contains {
                switch $0 {
                case .laneMoved(let key, _): indexOfLane[key] != nil
                case .topicDeleted(let id): lanes.contains { $0.key.topic == id }
                case .topicDefined, .positionStored: false
                }
            }
    }

    private func decode(_ group: [BatchWindow.Batch]) throws(LogError) {
        guard !group.isEmpty else { return }
        let block: [UInt8]
        switch BatchDecoder.block(of: group, in: cursor.window) {
        case .success(let bytes): block = bytes
        case .failure(let flaw): throw damaged(flaw.byte, flaw.what)
        }
        var entries: [RecordBatch.Entry] = []
        entries.reserveCapacity(group.reduce(0) { $0 + $1.header.records })
        var shift = 0
        var next = lanes.map(\.next)
        for batch in group {
            for change in batch.changes { try follow(change, &next) }
            for slice in batch.slices {
                guard let index = indexOfLane[slice.lane], slice.end > next[index] else { continue }
                if slice.base > next[index] { try pass(hole: index, from: next[index]) }
                let sound = unsafe block.withUnsafeBytes { bytes in
                    unsafe RecordWalker.walk(
                        slice, in: bytes, shift: shift, from: next[index], source: index, headers: options.headers,
                        into: &entries)
                }
                guard sound else { throw damaged(batch.byte, "the records do not fit their batch") }
                next[index] = slice.end
            }
            shift += batch.header.payloadBytes
        }
        leftover = Leftover(block: block, entries: entries[...], next: next)
    }

    /// What a change means for someone who reads: the topic may be gone, and so may records not read yet.
    private func follow(_ change: Change, _ next: inout [Int64]) throws(LogError) {
        switch change {
        case .laneMoved(let key, let lane):
            guard let index = indexOfLane[key] else { return }
            if next[index] < lane.begin { throw outOfRange(index, next[index], lane) }
            // Repair cut out what lay between.
            next[index] = max(next[index], lane.next)
        case .topicDeleted(let id):
            guard let lane = lanes.first(where: { $0.key.topic == id }) else { return }
            throw LogError(.read, .unknownTopic(lane.source.topic))
        case .topicDefined, .positionStored: return
        }
    }

    /// A gap in the offsets: what retention took away is an incident for a reader that had not read it; what repair
    /// cut out is passed.
    private func pass(hole index: Int, from next: Int64) throws(LogError) {
        let picture = try recovery.readable()
        guard let lane = picture.state.lane(lanes[index].key) else {
            throw LogError(.read, .unknownTopic(lanes[index].source.topic))
        }
        if next < lane.begin { throw outOfRange(index, next, lane) }
    }

    private func outOfRange(_ index: Int, _ asked: Int64, _ lane: Lane) -> LogError {
        let bounds = Bounds(begin: lane.begin, end: lane.next)
        return LogError(.read, .positionOutOfRange(lanes[index].source, asked: asked, bounds))
    }

    private func damaged(_ byte: Int, _ what: String) -> LogError {
        LogError(.read, .damaged(file: cursor.window.path, byte: Int64(byte), what: what))
    }

    /// As much of what was decoded as the caller takes at once.
    private func deliver() -> RecordBatch? {
        guard var rest = leftover else { return nil }
        var count = 0
        var bytes = 0
        if rest.entries.count <= options.maximumRecords && rest.block.count <= options.maximumBytes {
            count = rest.entries.count
        } else {
            for entry in rest.entries {
                let size = Int(max(entry.key.length, 0) + max(entry.value.length, 0) + entry.headers.length)
                if count == options.maximumRecords || (count > 0 && bytes + size > options.maximumBytes) { break }
                bytes += size
                count += 1
            }
        }
        let delivered = rest.entries.prefix(count)
        rest.entries = rest.entries.dropFirst(count)
        leftover = rest.entries.isEmpty ? nil : rest
        var reached = lanes.map(\.next)
        for entry in delivered { reached[Int(entry.source)] = entry.offset + 1 }
        if leftover == nil { reached = rest.next }
        var next: [TopicPartition: Int64] = [:]
        for (index, offset) in reached.enumerated() where offset != lanes[index].next {
            lanes[index].next = offset
            next[sources[index]] = offset
        }
        if delivered.isEmpty && next.isEmpty { return nil }
        return RecordBatch(sources: sources, entries: Array(delivered), next: next, block: rest.block)
    }
}
