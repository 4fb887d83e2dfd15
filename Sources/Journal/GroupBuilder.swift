internal import Core

/// Turns the appends that waited together into batches: small ones are joined, large ones are batches as they are.
///
/// Lives on the writer thread and keeps its blocks from group to group.
struct GroupBuilder {
    private struct MergedRun {
        let base: Int64
        var count = 0
        var newest = Int64.min
        var pieces: [(block: Block, range: Range<Int>)] = []

        /// The offset that the run begins at.
        mutating func add(_ run: EncodedAppend.Run, _ payload: Block) -> Int64 {
            defer { count += run.count }
            newest = max(newest, run.newest)
            pieces.append((payload, run.start..<run.start + run.length))
            return base + Int64(count)
        }
    }

    /// A batch that was built, for the state that is shown once it is durable.
    struct Built {
        let sequence: UInt64
        let slices: [Slice]
        let changes: [Change]
    }

    /// The state as it will be after everything built so far.
    private(set) var state: JournalState
    let output = Block(capacity: 1 << 20)
    private(set) var bytes = 0
    private(set) var built: [Built] = []
    private let raw = Block(capacity: 1 << 16)
    private let scratch = Block(capacity: 1 << 16)
    private let settings: JournalSettings
    private var mark = DurableMark.Place.start
    private var merged: [LaneKey: MergedRun] = [:]
    private var mergedOrder: [LaneKey] = []
    private var mergedChanges: [Change] = []
    private var mergedBytes = 0

    init(_ state: JournalState, _ settings: JournalSettings) {
        self.state = state
        self.settings = settings
    }

    mutating func begin(at mark: DurableMark.Place) {
        self.mark = mark
        bytes = 0
        built.removeAll(keepingCapacity: true)
    }

    /// Forgets what was built, after it could not be written.
    mutating func goBack(to state: JournalState) {
        self.state = state
        bytes = 0
        built.removeAll(keepingCapacity: true)
    }

    /// The first offset of each run, or why the append is refused; then nothing of it is built.
    mutating func add(_ append: EncodedAppend) throws(LogError) -> [Int64] {
        var lanes: [LaneKey] = []
        lanes.reserveCapacity(append.runs.count)
        for run in append.runs { lanes.append(try lane(of: run.source)) }
        // What is merged and not built yet is not in the state that the limit looks at.
        if state.positions.count + mergedChanges.count + append.positions.count > settings.maximumPositions { flush() }
        let changes = try changes(for: append.positions)
        if let stored = append.stored {
            flush()
            return emit(append, stored, lanes, changes)
        }
        if mergedBytes + append.payloadBytes > settings.mergedBytes { flush() }
        var bases: [Int64] = []
        bases.reserveCapacity(lanes.count)
        for (run, lane) in zip(append.runs, lanes) { bases.append(merge(run, lane, append.payload)) }
        mergedChanges.append(contentsOf: changes)
        mergedBytes += append.payloadBytes
        return bases
    }

    mutating func add(_ body: (JournalState) throws(LogError) -> [Change]) throws(LogError) {
        flush()
        let changes = try body(state)
        guard !changes.isEmpty else { return }
        let (block, stored) = BatchBuilder.store(raw, 0, scratch: scratch)
        emit([], changes, block, stored, 0)
    }

    /// Ends the batch of small appends, if one was begun.
    mutating func flush() {
        guard !mergedOrder.isEmpty || !mergedChanges.isEmpty else { return }
        raw.reserve(mergedBytes.aligned)
        var slices: [Slice] = []
        slices.reserveCapacity(mergedOrder.count)
        var place = 0
        for key in mergedOrder {
            guard let run = merged[key] else { continue }
            let start = place
            for piece in run.pieces {
                raw.copy(from: piece.block, piece.range, to: place)
                place += piece.range.count
            }
            slices.append(
                Slice(
                    lane: key, base: run.base, count: run.count, start: start, length: place - start,
                    newest: run.newest))
        }
        let (block, stored) = BatchBuilder.store(raw, place, scratch: scratch)
        emit(slices, mergedChanges, block, stored, place)
        merged.removeAll(keepingCapacity: true)
        mergedOrder.removeAll(keepingCapacity: true)
        mergedChanges.removeAll(keepingCapacity: true)
        mergedBytes = 0
    }

    private mutating func merge(_ run: EncodedAppend.Run, _ lane: LaneKey, _ payload: Block) -> Int64 {
        let first = merged[lane] == nil
        if first { mergedOrder.append(lane) }
        let due = first ? state.lane(lane)?.next ?? 0 : 0
        let base = merged[lane, default: MergedRun(base: due)].add(run, payload)
        return base
    }

    private mutating func emit(
        _ append: EncodedAppend, _ stored: EncodedAppend.Stored, _ lanes: [LaneKey], _ changes: [Change]
    ) -> [Int64] {
        let slices = zip(append.runs, lanes).map { run, lane in
            Slice(
                lane: lane, base: state.lane(lane)?.next ?? 0, count: run.count, start: run.start, length: run.length,
                newest: run.newest)
        }
        emit(slices, changes, append.payload, stored, append.payloadBytes)
        return slices.map(\.base)
    }

    mutating func emit(
        _ slices: [Slice], _ changes: [Change], _ payload: Block, _ stored: EncodedAppend.Stored, _ payloadBytes: Int
    ) {
        var builder = BatchBuilder(
            header: BatchHeader(sequence: state.sequence, writtenAt: settings.clock(), mark: mark))
        builder.header.payloadBytes = payloadBytes
        builder.slices = slices
        builder.changes = changes
        bytes += builder.write(to: output, at: bytes, payload: payload, stored)
        built.append(Built(sequence: state.sequence, slices: slices, changes: changes))
        do {
            try state.fold(sequence: state.sequence, thinned: false, slices, changes)
        } catch {
            preconditionFailure("a batch that was just built contradicts the state: \(error.what)")
        }
    }

    private func lane(of source: TopicPartition) throws(LogError) -> LaneKey {
        guard let topic = state.names[source.topic] else { throw LogError(.append, .unknownTopic(source.topic)) }
        let key = LaneKey(topic: topic, partition: source.partition)
        guard state.lane(key) != nil else { throw LogError(.append, .unknownPartition(source)) }
        return key
    }

    private func changes(for positions: [ConsumerPosition]) throws(LogError) -> [Change] {
        guard !positions.isEmpty else { return [] }
        let actual = state.positions.count + positions.count
        if actual > settings.maximumPositions {
            let known = positions.count { state.holds($0) }
            guard actual - known <= settings.maximumPositions else {
                let allowed = settings.maximumPositions
                throw LogError(.append, .limitExceeded(name: "maximumPositions", allowed: allowed, actual: actual))
            }
        }
        var changes: [Change] = []
        for position in positions {
            let key = try lane(of: position.source)
            let anchor = position.anchor.map {
                StoredPosition.Anchor(offset: $0.offset, timestamp: $0.timestamp, hash: $0.hash)
            }
            changes.append(
                .positionStored(
                    StoredPosition(consumer: position.consumer, lane: key, next: position.next, anchor: anchor)))
        }
        return changes
    }
}

extension JournalState {
    fileprivate func holds(_ position: ConsumerPosition) -> Bool {
        guard let topic = names[position.source.topic] else { return false }
        let key = LaneKey(topic: topic, partition: position.source.partition)
        return positions[PositionKey(consumer: position.consumer, lane: key)] != nil
    }
}
