public import Core
public import Postgres

/// Builds a new version of a projection beside the one that serves, from the first record on, and proves it.
///
/// It goes exactly as far as the serving version has committed when it begins: at that vector both must have the same
/// root, if they are made by the same fold. Nothing of it is seen before it is promoted; what was interrupted is
/// dropped by the next rebuild.
public struct Rebuild: Sendable {
    let context: LaneContext
    private let lanes: Int

    public init(
        log: any EventLog, database: PostgresSettings, owner: String, observer: any ProjectionObserver,
        lanes: Int = 2, limits: ProjectionLimits = ProjectionLimits()
    ) {
        precondition(lanes > 0, "somebody has to do the work")
        context = LaneContext(
            log: log, database: database, limits: limits, owner: owner, probe: WriteProbe(), observer: observer)
        self.lanes = lanes
    }

    public struct Outcome: Sendable {
        public let projection: String
        public let version: Int
        /// The version it was compared with; `nil` when there is none of the same fold.
        public let provedAgainst: Int?
        public let partitions: Int
        public let root: StateRoot
        /// How many offsets the serving version is ahead, because this log ends sooner than what it has folded.
        public let shortBy: Int64
    }

    public func run(
        _ type: any Projection.Type, progress: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) async throws -> Outcome {
        let session = BulkSession(context.database)
        let name = type.name.text
        guard try await session.with({ try $0.lockRebuild(of: name) }) else { throw RebuildFault.alreadyRunning(name) }
        let building = try await session.with { try $0.beginRebuild(of: type) }
        let goal = try await goal(for: type, session)
        let total = goal.events(of: type)
        let counter = RebuildCounter(projection: name, total: total, progress)
        let filled = try await fill(building, goal, counter)
        try await session.with { try $0.finish(building, at: filled) }
        let reached = try await foldRest(building, goal, filled)
        try goal.prove(name, reached)
        try await session.with { try $0.mark(building, .ready) }
        try await session.end()
        let root = reached.values.reduce(into: StateRoot()) { $0.add($1.root) }
        return Outcome(
            projection: name, version: building.version,
            provedAgainst: goal.roots.isEmpty ? nil : goal.serving?.version,
            partitions: reached.count, root: root, shortBy: goal.shortBy)
    }

    private func fill(
        _ building: StandingProjection, _ goal: Goal, _ counter: RebuildCounter
    ) async throws -> [UnitName: Checkpoint] {
        let units = goal.caps.map { partition, cap in
            (UnitName(building.type.name.text, version: building.version, partition: partition), cap)
        }.sorted { $0.0 < $1.0 }
        return try await withThrowingTaskGroup(of: [UnitName: Checkpoint].self) { group in
            for lane in 0..<min(lanes, units.count) {
                let share = units.enumerated().filter { $0.offset % lanes == lane }.map(\.element)
                let plan = BulkLane.Plan(
                    projections: [building], caps: Dictionary(uniqueKeysWithValues: share))
                group.addTask { [context] in
                    let session = BulkSession(context.database)
                    let reached = try await BulkLane(context, plan, into: session).run { counter.folded($0) }
                    await session.close()
                    return reached
                }
            }
            return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
    }

    /// Folds what memory had no room for, now that the tables have keys.
    private func foldRest(
        _ building: StandingProjection, _ goal: Goal, _ reached: [UnitName: Checkpoint]
    ) async throws -> [UnitName: Checkpoint] {
        let rest = goal.caps.filter { partition, cap in
            let unit = UnitName(building.type.name.text, version: building.version, partition: partition)
            return !(reached[unit]?.vector.covers(cap) ?? false)
        }
        guard !rest.isEmpty else { return reached }
        return try await catchUp(building, to: rest)
    }

    /// Folds a standing version up to some vectors; answers where it stands then.
    func catchUp(
        _ standing: StandingProjection, to caps: [Int32: FoldedVector]
    ) async throws -> [UnitName: Checkpoint] {
        let named = Dictionary(
            uniqueKeysWithValues: caps.map { partition, cap in
                (UnitName(standing.type.name.text, version: standing.version, partition: partition), cap)
            })
        let lane = Lane(
            context, Lane.Assignment(projections: [standing], partitions: caps.keys.sorted(), caps: named))
        try await lane.run()
        // A lane that was cancelled, or lost a unit that halted, ends without a word.
        try Task.checkCancellation()
        let reached = try await BulkSession(context.database).with { try $0.checkpoints() }.filter { unit, _ in
            unit.projection == standing.type.name.text && unit.version == standing.version
        }
        for (unit, cap) in named.sorted(by: { $0.key < $1.key }) where !(reached[unit]?.vector.covers(cap) ?? false) {
            throw RebuildFault.blocked("\(unit) did not get as far as it must; the notes above say why")
        }
        return reached
    }
}
