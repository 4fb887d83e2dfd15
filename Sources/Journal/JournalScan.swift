internal import Core

/// Goes through a journal for one reader: which batches concern it, what of them it has not had yet, and where it
/// stands in each partition.
struct JournalScan {
    private struct Wanted {
        let source: TopicPartition
        let key: LaneKey
        var next: Int64
    }

    /// What was decompressed and not delivered yet, because the caller asked for less.
    private struct Leftover {
        var block: RecordBlock
        var bytes: Int
        var entries: ArraySlice<RecordBatch.Entry>
        /// Where each lane stands after all of it.
        var next: [Int64]
    }

    /// Several batches in one, each decompressed and looked through while it is in the processor's cache.
    private struct Group: ~Copyable {
        var block: UnlentBlock
        var bytes = 0
        var entries: [RecordBatch.Entry] = []
        /// Where each lane stands after all of it.
        var next: [Int64]
    }

    /// Decompressed for one batch of records, unless a single append is larger: more would only leave the processor's
    /// cache before it is looked at.
    private static let preferredBytes = 512 << 10
    /// Assumed for the size of a block; better compressed batches do not fit and wait for the next one.
    private static let compression = 4

    private let recovery: Recovery
    private let options: ReadOptions
    /// Whether the mark is in memory: else it is a file.
    private let isOnBoard: Bool
    private let sources: [TopicPartition]
    private var lanes: [Wanted]
    private var indexOfLane: [LaneKey: Int] = [:]
    private var cursor: SegmentCursor
    private var leftover: Leftover?
    /// Found, and not decompressed yet: it did not fit into the group before.
    private var pending: BatchWindow.Batch?
    /// Met behind records that were still good.
    private var trouble: LogError?
    private var blocks = RecordBlocks(largest: 4 * preferredBytes)

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
        isOnBoard = board != nil
        self.lanes = lanes
        sources = lanes.map(\.source)
        for (index, lane) in lanes.enumerated() { indexOfLane[lane.key] = index }
        cursor = try SegmentCursor(recovery.layer, recovery.folder, at: first, mark: picture.mark) {
            () throws(LogError) in
            if let board { board.place } else { try recovery.publishedMark() }
        }
    }

    /// The mark as it was last looked at.
    var mark: DurableMark.Place { cursor.mark }

    /// The last call threw only because it would have had to wait for the disk; nothing was passed over.
    var isBlocked: Bool { cursor.isBlocked }

    /// One batch from what is durable now; `nil` when there is nothing more.
    mutating func advance(mayBlock: Bool) throws(LogError) -> RecordBatch? {
        if let batch = deliver() { return batch }
        if lanes.isEmpty { return nil }
        if let trouble { throw trouble }
        cursor.mayBlock = mayBlock
        if mayBlock || isOnBoard { try cursor.refresh() }
        while let first = try found() {
            try gather(first)
            if let batch = deliver() { return batch }
        }
        return nil
    }

    /// The next batch that concerns this reader.
    private mutating func found() throws(LogError) -> BatchWindow.Batch? {
        if let batch = pending.take() { return batch }
        let (lanes, indexOfLane) = (lanes, indexOfLane)
        return try cursor.next { Self.concerns($0, lanes, indexOfLane) }
    }

    /// Decodes as many batches as one delivery takes.
    private mutating func gather(_ first: BatchWindow.Batch) throws(LogError) {
        let mostBytes = min(options.maximumBytes, Self.preferredBytes)
        // At the end of the log little comes at a time, and a caller may keep it for long.
        let known = first.header.payloadBytes + cursor.bytesLeft * Self.compression
        var group = Group(
            block: blocks.take(max(first.header.payloadBytes, min(mostBytes, known))), next: lanes.map(\.next))
        group.entries.reserveCapacity(first.header.records)
        var next: BatchWindow.Batch? = first
        var decoded = 0
        while let batch = next {
            guard batch.header.payloadBytes <= group.block.capacity - group.bytes else {
                pending = batch
                break
            }
            do throws(LogError) {
                pending = batch
                try decode(batch, into: &group)
                pending = nil
                decoded += 1
                guard group.entries.count < options.maximumRecords, group.bytes < mostBytes else { break }
                next = try found()
            } catch {
                // What was read before it is good and is delivered first.
                guard decoded > 0 else { throw error }
                if !cursor.isBlocked { trouble = error }
                break
            }
        }
        leftover = Leftover(
            block: blocks.lend(group.block), bytes: group.bytes, entries: group.entries[...], next: group.next)
    }

    /// Whether a batch holds anything that was not had yet: who begins in the middle of a segment passes the rest of it.
    private static func concerns(
        _ batch: BatchWindow.Batch, _ lanes: [Wanted], _ indexOfLane: [LaneKey: Int]
    ) -> Bool {
        batch.slices.contains { slice in indexOfLane[slice.lane].map { slice.end > lanes[$0].next } ?? false }
            || batch.changes.contains {
                switch $0 {
                case .laneMoved(let key, _): indexOfLane[key] != nil
                case .topicDeleted(let id): lanes.contains { $0.key.topic == id }
                case .offsetsKept(let kept): kept.contains { indexOfLane[$0.lane] != nil }
                case .topicDefined, .positionStored: false
                }
            }
    }

    /// Adds what a batch holds for this reader, all of it or, when it throws, nothing.
    private mutating func decode(_ batch: BatchWindow.Batch, into group: inout Group) throws(LogError) {
        let payload = group.bytes..<group.bytes + batch.header.payloadBytes
        do throws(BatchWindow.Flaw) {
            try unsafe group.block.withAddress(of: payload) { target throws(BatchWindow.Flaw) in
                try unsafe BatchDecoder.decompress(batch, in: cursor.window, into: target)
            }
        } catch { throw damaged(error.byte, error.what) }
        let before = group.entries.count
        do throws(LogError) {
            group.next = try walk(batch, payload, &group)
            group.bytes = payload.upperBound
        } catch {
            group.entries.removeSubrange(before...)
            throw error
        }
    }

    /// Where each lane stands after the batch.
    private mutating func walk(
        _ batch: BatchWindow.Batch, _ payload: Range<Int>, _ group: inout Group
    ) throws(LogError) -> [Int64] {
        var next = group.next
        for change in batch.changes { try follow(change, &next) }
        let kept = keptLanes(of: batch)
        let thinned = batch.header.flags.contains(.thinned)
        for slice in batch.slices {
            guard let index = indexOfLane[slice.lane], slice.end > next[index] else { continue }
            let given = kept[index].map { next[index] >= $0.from && !thinned } ?? false
            if slice.base > next[index] && !given { try pass(hole: index, from: next[index]) }
            let from = next[index]
            let headers = options.headers
            var entries = group.entries
            group.entries = []
            let sound = unsafe group.block.withAddress(of: 0..<payload.upperBound) { bytes in
                unsafe RecordWalker.walk(
                    slice, in: UnsafeRawBufferPointer(bytes), shift: payload.lowerBound, from: from, source: index,
                    headers: headers, into: &entries)
            }
            group.entries = entries
            guard sound else { throw damaged(batch.byte, "the records do not fit their batch") }
            next[index] = slice.end
        }
        for (index, lane) in kept where next[index] < lane.next {
            if next[index] < lane.from { try pass(hole: index, from: next[index]) }
            next[index] = lane.next
        }
        return next
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
        case .topicDefined, .positionStored, .offsetsKept: return
        }
    }

    /// The wanted partitions whose offsets this batch gives: gaps in it are as they were meant.
    private func keptLanes(of batch: BatchWindow.Batch) -> [Int: KeptLane] {
        var kept: [Int: KeptLane] = [:]
        for case .offsetsKept(let lanes) in batch.changes {
            for lane in lanes { if let index = indexOfLane[lane.lane] { kept[index] = lane } }
        }
        return kept
    }

    /// A gap in the offsets: what retention took away is an incident for a reader that had not read it; what repair
    /// cut out is passed.
    private mutating func pass(hole index: Int, from next: Int64) throws(LogError) {
        try cursor.needDisk()
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
    private mutating func deliver() -> RecordBatch? {
        guard var rest = leftover else { return nil }
        if rest.entries.count <= options.maximumRecords && rest.bytes <= options.maximumBytes {
            leftover = nil
            return batch(Array(rest.entries), rest.block, reaching: rest.next)
        }
        var count = 0
        var bytes = 0
        for entry in rest.entries {
            let size = Int(max(entry.key.length, 0) + max(entry.value.length, 0) + entry.headers.length)
            if count == options.maximumRecords || (count > 0 && bytes + size > options.maximumBytes) { break }
            bytes += size
            count += 1
        }
        let delivered = rest.entries.prefix(count)
        rest.entries = rest.entries.dropFirst(count)
        leftover = rest.entries.isEmpty ? nil : rest
        var reached = lanes.map(\.next)
        for entry in delivered { reached[Int(entry.source)] = entry.offset + 1 }
        return batch(Array(delivered), rest.block, reaching: leftover == nil ? rest.next : reached)
    }

    private mutating func batch(
        _ entries: [RecordBatch.Entry], _ block: RecordBlock, reaching reached: [Int64]
    ) -> RecordBatch? {
        var next = [TopicPartition: Int64](minimumCapacity: lanes.count)
        for (index, offset) in reached.enumerated() where offset != lanes[index].next {
            lanes[index].next = offset
            next[sources[index]] = offset
        }
        if entries.isEmpty && next.isEmpty { return nil }
        return RecordBatch(sources: sources, entries: entries, next: next, block: block)
    }
}
