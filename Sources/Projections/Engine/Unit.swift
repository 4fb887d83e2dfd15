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
    var awaited = AwaitedWords()
    /// Records that waited and may be folded in this batch, because of a word in it.
    var waitingReadings: [Event] = []
    /// What this batch parked.
    var announced: [ParkedRow] = []
    /// By the lane's source: the first offset that is not folded; of sources that are none of ours, beyond all.
    private var next: [Int64] = []
    /// By the lane's source: where to stop.
    var end: [Int64] = []
    var cap: FoldedVector?
    /// The bytes of a record that found no room; until there is, only operators' words are followed.
    var refusedBytes: Int?
    /// A word found no room; until there is, only records are folded.
    var isDeaf = false
    private(set) var laneSources: [TopicPartition] = []
    private var isControl: [Bool] = []
    private var isInput: [Bool] = []
    /// Sources whose records lie where the rows belong.
    private var isShared: [Bool] = []
    let limits: ProjectionLimits

    init(
        _ projection: P.Type, version: Int, partition: Int32, decoder: RecordDecoder, limits: ProjectionLimits,
        isWhole: Bool
    ) {
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
        return counting.count + parked.count + awaited.count
    }

    func bind(to sources: [TopicPartition]) {
        laneSources = sources
        next = sources.map { source in
            self.sources.contains(source) ? checkpoint.vector[source]?.next ?? 0 : .max
        }
        isControl = sources.map { $0.topic == TopicCatalog.control.name }
        isShared = sources.map { source in
            TopicCatalog.topic(named: source.topic)?.isLaidOut(like: P.ownership) ?? false
        }
        isInput = sources.map { source in P.inputs.contains { $0.name == source.topic } }
        end = sources.map { source in cap.map { $0[source]?.next ?? 0 } ?? .max }
    }

    func resume(at checkpoint: Checkpoint, parked rows: [ParkedRow]) {
        self.checkpoint = checkpoint
        awaited = AwaitedWords(checkpoint.awaited)
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
    private func isMine(_ chunk: Chunk, _ index: Int) -> Bool {
        let place = chunk.places[index]
        return place.offset >= next[place.source] && place.offset < end[place.source]
    }

    @inline(__always)
    private func isMisplaced(_ place: Chunk.Place) -> Bool { place.isMisplaced && isShared[place.source] }

    var isAtCap: Bool { cap.map { checkpoint.vector.covers($0) } ?? false }

    private func followWaiting() {
        for event in waitingReadings { P.follow(event, in: &tables) }
        waitingReadings.removeAll()
    }

    func need(_ index: Int, of chunk: Chunk) {
        guard isMine(chunk, index) else { return }
        let place = chunk.places[index]
        if let read = chunk.events[index] {
            // A misplaced event is parked, and its rows are another partition's.
            if !isMisplaced(place) { read.need(P.self, in: &tables) }
            if isControl[place.source] { needWaiting(read.event, at: place.offset) }
        }
        if !awaited.isEmpty { needPatches(of: RecordPosition(laneSources[place.source], place.offset)) }
    }

    var follows: Bool { P.follows }

    func follow(_ index: Int, of chunk: Chunk) {
        guard isMine(chunk, index) else { return }
        if !waitingReadings.isEmpty { followWaiting() }
        guard let read = chunk.events[index], !isMisplaced(chunk.places[index]) else { return }
        read.follow(P.self, in: &tables)
    }

    func showMissing(to fetch: inout RowFetch) throws { try fetch.show(&tables, of: name) }

    func fold(_ index: Int, of chunk: Chunk) throws(FoldFailure) {
        guard isMine(chunk, index) else { return }
        let place = chunk.places[index]
        let isWord = isControl[place.source]
        if isFull, !isWord { return stop(at: RecordPosition(laneSources[place.source], place.offset)) }
        guard let read = chunk.events[index] else {
            // What is read for the words of operators alone, and is none, is somebody else's to park.
            if isInput[place.source] { foldBesideParked(index, of: chunk) }
            return
        }
        if isWord, let word = QuarantineAction(read.event, at: place.offset, for: P.name) {
            guard hasRoom(for: word) else { return stopHearing(at: place.offset) }
            obey(word)
        }
        guard keys.waiting == 0, awaited.isEmpty, !isMisplaced(place) else {
            return foldBesideParked(index, of: chunk)
        }
        do throws(Refusal) {
            try read.fold(P.self, at: RecordPosition(laneSources[place.source], place.offset), into: &tables)
        } catch { park(chunk.record(index), error, read.type) }
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
        checkpoint.awaited = awaited.inOrder
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
        waitingReadings.removeAll()
        guard checkpoint.vector != old else { return false }
        dropPassedWords()
        return true
    }

    func evict(above limit: Int) {
        var evicting = RowEvicting(limit: limit)
        tables.visit(&evicting)
    }
}
