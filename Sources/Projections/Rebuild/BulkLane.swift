internal import Core
internal import Threading

/// Folds some partitions from the first record on, with all current rows in memory, into tables without keys.
///
/// It ends at the caps, or sooner when memory has its fill: what is left is then folded in the ordinary way.
actor BulkLane {
    private nonisolated let executor = BlockingExecutor("projections.bulk.fold")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    struct Plan: Sendable {
        let projections: [StandingProjection]
        /// What to fold, and how far.
        let caps: [UnitName: FoldedVector]

        func units(_ decoder: RecordDecoder, _ limits: ProjectionLimits, isWhole: Bool) -> [any FoldingUnit] {
            projections.flatMap { projection in
                (0..<projection.type.partitions).compactMap { partition in
                    let name = UnitName(projection.type.name.text, version: projection.version, partition: partition)
                    guard let cap = caps[name] else { return nil }
                    let unit = projection.type.unit(
                        of: partition, version: projection.version, decoder, limits.hearingFirst, isWhole: isWhole)
                    unit.cap = cap
                    return unit
                }
            }
        }
    }

    private let context: LaneContext
    private let plan: Plan
    private let session: BulkSession

    init(_ context: LaneContext, _ plan: Plan, into session: BulkSession) {
        self.context = context
        self.plan = plan
        self.session = session
    }

    /// Answers the checkpoint each unit reached.
    func run(_ progress: @Sendable (Int) -> Void) async throws -> [UnitName: Checkpoint] {
        let decoder = RecordDecoder.wanting(plan.projections.map(\.type))
        let table = UnitTable(plan.units(decoder, context.limits, isWhole: true), isWhole: true)
        guard !table.units.isEmpty else { return [:] }
        let reading = CappedReading(context.log, for: table, decoder, context.limits)
        let outcome: Result<Void, any Error>
        do {
            try await fill(table, reading, progress)
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reading.close()
        try outcome.get()
        var reached: [UnitName: Checkpoint] = [:]
        for unit in table.units {
            let whole = unit.takeWhole()
            try await session.copy(whole.tables)
            reached[unit.name] = whole.new
        }
        return reached
    }

    private func fill(
        _ table: UnitTable, _ reading: CappedReading, _ progress: @Sendable (Int) -> Void
    ) async throws {
        var copying: Task<Void, any Error>?
        while table.units.reduce(0, { $0 + $1.heldRows }) < context.limits.maximumRebuildRows,
            let chunk = try await reading.next()
        {
            try Task.checkCancellation()
            try table.fold(chunk) { _ in }
            try table.checkRoom()
            let tables = table.units.flatMap { $0.takeSteps(chunk) }
            try await copying?.value
            copying = Task.detached { [session] in try await session.copy(tables) }
            progress(chunk.count)
        }
        try await copying?.value
    }
}
