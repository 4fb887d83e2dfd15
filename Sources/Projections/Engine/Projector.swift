public import Core
public import Postgres
internal import Threading

/// The role: keeps the read models of the partitions it owns up with the log.
///
/// Partitions are shared out over a few lanes, each with a writing connection of its own.
public struct Projector: Sendable {
    private let context: LaneContext
    private let lanes: Int

    /// `owner` names this process in the checkpoints.
    public init(
        log: any EventLog, database: PostgresSettings, owner: String, observer: any ProjectionObserver,
        lanes: Int = 2, limits: ProjectionLimits = ProjectionLimits(), probe: WriteProbe = WriteProbe()
    ) {
        precondition(lanes > 0, "somebody has to do the work")
        context = LaneContext(
            log: log, database: database, limits: limits, owner: owner, probe: probe, observer: observer)
        self.lanes = lanes
    }

    /// Makes the tables of projections that have none, and answers which version of each is to be folded into.
    ///
    /// A projection whose fold has changed keeps its old tables, untouched, until a rebuild has made new ones.
    public func prepare(_ projections: [any Projection.Type]) async throws -> Standing {
        try await ProjectionStore(context.database).prepare(projections)
    }

    public struct Standing: Sendable {
        public let served: [StandingProjection]
        /// Projections that wait for a rebuild: the fold they were made by, and the fold of this program.
        public let outdated: [StandingVersion]
    }

    /// Folds until the task is cancelled; throws when a partition was lost to another owner, or none can go on.
    public func run(_ standing: [StandingProjection], partitions: [Int32]) async throws {
        try await checkCompleteness(of: standing, partitions)
        let shares = (0..<min(lanes, max(1, partitions.count))).map { lane in
            partitions.enumerated().filter { $0.offset % lanes == lane }.map(\.element)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for share in shares where !share.isEmpty {
                let lane = Lane(context, Lane.Assignment(projections: standing, partitions: share))
                group.addTask { try await lane.run() }
            }
            // A lane that halts ends alone. One that lost its partitions ends the others too: whoever runs this has
            // to learn what is still its own.
            var halted: LaneFailure?
            while let result = await group.nextResult() {
                guard case .failure(let error) = result else { continue }
                guard let failure = error as? LaneFailure else { throw error }
                guard failure.reason == .halted else {
                    throw ProjectorFailure(isFenced: true, description: failure.description)
                }
                halted = halted ?? failure
            }
            if let halted { throw ProjectorFailure(isFenced: false, description: halted.description) }
        }
    }

    /// Rows are only right when they were folded from the first record on: a log whose beginning is gone is refused,
    /// unless this database has folded past it.
    private func checkCompleteness(of standing: [StandingProjection], _ partitions: [Int32]) async throws {
        let sources = Set(
            standing.flatMap { projection in
                partitions.filter { $0 < projection.type.partitions }.flatMap {
                    projection.type.sources(of: $0)
                }
            })
        let bounds = try await context.log.bounds(of: sources.sorted())
        let folded = try await ProjectionStore(context.database).lowestPositions(of: standing, partitions)
        for source in sources.sorted() {
            guard let begin = bounds[source]?.begin, begin > folded[source] ?? 0 else { continue }
            throw IncompleteLog(source: source, begin: begin, folded: folded[source] ?? 0)
        }
    }
}

/// Why a projector ended when nobody asked it to.
public struct ProjectorFailure: Error, Sendable, CustomStringConvertible {
    /// A partition is not where this owner left it: another one has it, or the database went back to an older state.
    public let isFenced: Bool
    public let description: String
}

/// Records are gone that a projection has not folded.
public struct IncompleteLog: Error, Sendable, CustomStringConvertible {
    public let source: TopicPartition
    public let begin: Int64
    public let folded: Int64

    public var description: String {
        """
        \(source) begins at \(begin) and is folded up to \(folded): the records between are gone from the log; \
        rebuild from an archive that has them (`torghut projections rebuild --from`)
        """
    }
}
