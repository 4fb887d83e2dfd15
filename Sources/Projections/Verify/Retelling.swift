internal import Core
internal import Postgres
internal import Threading

/// One session that looks at the rows, folds the log once more beside them, and compares.
///
/// It folds into temporary tables that bear the names of the serving ones and hide them from this session alone, so
/// it is the engine itself that folds: rows that memory has no room for are fetched again. Of each partition that is
/// told again it holds `maximumCachedRows`, and the rows of its last two batches.
actor Retelling {
    private nonisolated let executor = BlockingExecutor("projections.verify")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let standing: StandingProjection
    private let context: LaneContext
    let open: OpenSession
    /// The most rows that were held between two batches.
    private(set) var mostHeldRows = 0

    init(of standing: StandingProjection, _ context: LaneContext) throws(PostgresError) {
        self.standing = standing
        self.context = context
        open = try OpenSession(context.database.forLongWork)
    }

    /// Rows and checkpoints in one snapshot; those of partitions whose root is wrong are kept aside, because the
    /// projector goes on meanwhile.
    func look() throws -> Snapshot {
        try open.session.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
        let snapshot = try Snapshot(of: standing, in: open)
        if !snapshot.wrong.isEmpty { try open.keepSeen(standing, snapshot.wrong) }
        try open.session.run("COMMIT")
        return snapshot
    }

    /// Folds some partitions from the first record to these vectors.
    func fold(to caps: [Int32: FoldedVector]) async throws {
        try open.hideTables(of: standing)
        // Plans are kept, and these tables are empty when they are made.
        try open.lookUpByKeys()
        let decoder = RecordDecoder.wanting([standing.type])
        let names = Dictionary(
            uniqueKeysWithValues: caps.map {
                (UnitName(standing.type.name.text, version: standing.version, partition: $0), $1)
            })
        // Rows that say they are of a partition that is none have nothing to be told.
        let plan = BulkLane.Plan(projections: [standing], caps: names)
        let units = plan.units(decoder, context.limits, isWhole: false)
        for (name, checkpoint) in try open.acquire(units.map(\.name), as: context.owner) {
            units.first { $0.name == name }?.resume(at: checkpoint, parked: [])
        }
        let table = UnitTable(units)
        let reading = CappedReading(context.log, for: table, decoder, context.limits)
        let outcome: Result<Void, any Error>
        do {
            while let chunk = try await reading.next() { try fold(chunk, into: table) }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reading.close()
        try outcome.get()
        try open.planFreely()
    }

    private func fold(_ chunk: Chunk, into table: UnitTable) throws {
        try Task.checkCancellation()
        var fetch = RowFetch(open)
        try table.fold(chunk) { try fetch.fetch(for: $0) }
        try table.checkRoom()
        let writes = table.units.compactMap { unit in
            let write = unit.take(chunk)
            unit.evict(above: context.limits.maximumCachedRows)
            return write
        }
        mostHeldRows = max(mostHeldRows, table.units.reduce(0) { $0 + $1.heldRows })
        guard !writes.isEmpty else { return }
        try open.writeCopies(Batch(writes), ring: context.limits.keptRoots, WriteProbe())
    }

    func differences(limit: Int) throws -> ([Verification.Finding], Int) {
        try open.differences(standing, limit: limit)
    }
}
