internal import Core
internal import Domain

/// One partition of one projection: its rows in memory, its positions, its root, its parked keys.
///
/// Belongs to one lane, which calls it from one thread.
final class Unit<P: Projection>: FoldingUnit {
    let name: UnitName
    let sources: [TopicPartition]
    let decoder: RecordDecoder

    private(set) var checkpoint = Checkpoint()
    var tables: P.Tables
    var parked: CurrentTable<ParkedRow>
    var keys = ParkedKeys()
    /// Words about records that were not read yet.
    var awaited: [RecordPosition: [QuarantineAction]] = [:]
    /// Records that waited and may be folded in this batch, because of a word in it.
    var waitingReadings: [Event] = []
    /// What this batch parked.
    var announced: [ParkedRow] = []
    /// By the lane's source: the first offset that is not folded; of sources that are none of ours, beyond all.
    private var next: [Int64] = []
    /// By the lane's source: where to stop.
    private var end: [Int64] = []
    var cap: FoldedVector?
    private var laneSources: [TopicPartition] = []
    private var isControl: [Bool] = []
    private let limits: ProjectionLimits

    init(_ projection: P.Type, version: Int, partition: Int32, decoder: RecordDecoder, limits: ProjectionLimits, isWhole: Bool) {
        name = UnitName(P.name.text, version: version, partition: partition)
        sources = P.sources(of: partition)
        self.decoder = decoder
        self.limits = limits
        let maker = TableMaker(partition: partition, isWhole: isWhole)
        tables = P.Tables(maker)
        parked = TableMaker(partition: partition, isWhole: true).current(of: ParkedRow.self)
    }

    var waitingRecords: Int { keys.waiting }

    var heldRows: Int {
        var counting = RowCounting()
        tables.visit(&counting)
        return counting.count + parked.count
    }

    func bind(to sources: [TopicPartition]) {
        laneSources = sources
        next = sources.map { source in
            self.sources.contains(source) ? checkpoint.vector[source]?.next ?? 0 : .max
        }
        isControl = sources.map { $0.topic == TopicCatalog.control.name }
        end = sources.map { source in cap.map { $0[source]?.next ?? 0 } ?? .max }
    }

    func resume(at checkpoint: Checkpoint, parked rows: [ParkedRow]) {
        self.checkpoint = checkpoint
        awaited = Dictionary(grouping: checkpoint.awaited, by: \.target)
        keys = ParkedKeys()
        for row in rows.sorted(by: { $0.place.position < $1.place.position }) {
            keys.restore(row)
            parked.need(row.key)
            parked.found(row, stored: row.storedHash(in: name.partition))
        }
        bind(to: laneSources)
    }

    /// New, from one of its sources, and not beyond its cap.
    @inline(__always)
    private func isMine(_ item: Chunk.Item) -> Bool {
        item.offset >= next[item.source] && item.offset < end[item.source]
    }

    private func position(of item: Chunk.Item) -> RecordPosition {
        RecordPosition(laneSources[item.source], item.offset)
    }

    var isAtCap: Bool { cap.map { checkpoint.vector.covers($0) } ?? false }

    private func followWaiting() {
        for event in waitingReadings { P.follow(event, in: &tables) }
        waitingReadings.removeAll()
    }

    func need(_ item: Chunk.Item, of chunk: Chunk) {
        guard isMine(item) else { return }
        if case .event(let read) = item.reading {
            P.need(of: read.event, in: &tables)
            if isControl[item.source] { needWaiting(read.event, at: item.offset) }
        }
        if !awaited.isEmpty { needPatches(of: position(of: item)) }
    }

    func follow(_ item: Chunk.Item) {
        guard case .event(let read) = item.reading, isMine(item) else { return }
        P.follow(read.event, in: &tables)
        if !waitingReadings.isEmpty { followWaiting() }
    }

    func fetchMissing(with fetch: inout RowFetch) throws {
        fetch.unit = name
        try tables.visit(&fetch)
    }

    func fold(_ item: Chunk.Item, of chunk: Chunk) throws(FoldFailure) {
        guard isMine(item) else { return }
        if case .event(let read) = item.reading {
            if isControl[item.source], let word = QuarantineAction(read.event, at: item.offset, for: P.name) {
                obey(word)
            }
            if keys.waiting == 0, awaited.isEmpty {
                do throws(Refusal) { return try P.fold(read.event, at: position(of: item), into: &tables) } catch {
                    return try park(chunk.record(of: item), error, read.event.content.type)
                }
            }
        } else if case .passed = item.reading {
            return
        }
        try foldBesideParked(item, of: chunk)
    }

    func take(_ chunk: Chunk) -> UnitWrite? {
        let old = checkpoint
        guard advance(over: chunk) else { return nil }
        checkpoint.commit += 1
        return write(after: old)
    }

    func takeSteps(_ chunk: Chunk) -> [UnitWrite.Table] {
        guard advance(over: chunk) else { return [] }
        var taking = RowTaking(unit: name, root: checkpoint.root, stepsOnly: true)
        tables.visit(&taking)
        checkpoint.root = taking.root
        return taking.written
    }

    func takeWhole() -> UnitWrite { write(after: Checkpoint()) }

    private func write(after old: Checkpoint) -> UnitWrite {
        var taking = RowTaking(unit: name, root: checkpoint.root, stepsOnly: false)
        tables.visit(&taking)
        taking.current(&parked)
        checkpoint.root = taking.root
        checkpoint.awaited = awaited.values.flatMap { $0 }.sorted { $0.offset < $1.offset }
        defer { announced = [] }
        return UnitWrite(unit: name, old: old, new: checkpoint, tables: taking.written, parked: announced)
    }

    /// Moves the positions past a chunk; false when there was nothing in it for this unit.
    private func advance(over chunk: Chunk) -> Bool {
        let old = checkpoint.vector
        for (index, source) in laneSources.enumerated() where next[index] != .max {
            guard let read = chunk.next[source] else { continue }
            let reached = min(read, end[index])
            guard reached > next[index] || old[source] == nil && reached == 0 else { continue }
            checkpoint.vector[source] = FoldedVector.Place(
                next: reached, anchor: chunk.anchor(of: source, before: reached) ?? old[source]?.anchor)
            next[index] = reached
        }
        guard checkpoint.vector != old else { return false }
        dropPassedWords()
        return true
    }

    func evict(above limit: Int) {
        var evicting = RowEvicting(limit: limit)
        tables.visit(&evicting)
    }

    /// Everything that waits is held in memory and in one table: too much of it stops the partition.
    func checkRoomForOneMore() throws(FoldFailure) {
        guard keys.waiting < limits.maximumWaitingRecords else {
            throw FoldFailure(
                unit: name,
                description: """
                    \(keys.waiting) records wait for an operator, and no more may (maximumWaitingRecords); \
                    see `torghut quarantine list`
                    """)
        }
    }
}
