public import Core
internal import Domain
public import Postgres

/// Checks that the rows of the serving tables are those that were folded: the root of what is stored, against the root
/// that was committed.
///
/// Where they differ, the log is folded again beside it, and every row that differs is named.
public struct Verification: Sendable {
    private let context: LaneContext

    public init(
        log: any EventLog, database: PostgresSettings, observer: any ProjectionObserver,
        limits: ProjectionLimits = ProjectionLimits()
    ) {
        context = LaneContext(
            log: log, database: database, limits: limits, owner: "verify", probe: WriteProbe(), observer: observer)
    }

    public struct Finding: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable, Comparable {
            case edited, missing, surplus
            public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
        }

        public let table: String
        public let partition: Int32
        public let kind: Kind
        /// `column=value` for each column of the key.
        public let key: String
        /// Of an edited row: the columns that differ.
        public let columns: [String]
    }

    public struct Report: Sendable {
        public let projection: String
        public let version: Int
        public let rows: Int
        public let root: StateRoot
        /// Partitions whose rows do not have the root that was committed.
        public let wrong: [Int32]
        public let findings: [Finding]
        /// Findings are counted to the end and listed up to a limit.
        public let findingCount: Int
    }

    public func run(_ standing: StandingProjection) async throws -> Report {
        let session = BulkSession(context.database)
        let snapshot = try await session.with { open in
            try open.session.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
            return try Snapshot(of: standing, in: open)
        }
        let wrong = snapshot.wrong
        guard !wrong.isEmpty else {
            try await session.with { _ = try $0.session.run("COMMIT") }
            await session.close()
            return report(standing, snapshot, [], 0)
        }
        // What was seen is kept aside before the snapshot ends: the projector goes on meanwhile.
        try await session.with { open in
            try open.keepSeen(standing, wrong)
            try open.session.run("COMMIT")
        }
        let caps = wrong.reduce(into: [:]) { caps, partition in
            caps[UnitName(standing.type.name.text, version: standing.version, partition: partition)] =
                snapshot.checkpoints[partition]?.vector ?? FoldedVector()
        }
        try await checkLog(caps, standing)
        var whole = context.limits
        whole.maximumRebuildRows = .max
        let plan = BulkLane.Plan(projections: [standing], caps: caps) { "told_\($0)" }
        let told = LaneContext(
            log: context.log, database: context.database, limits: whole, owner: context.owner, probe: context.probe,
            observer: context.observer)
        _ = try await BulkLane(told, plan, into: session).run { _ in }
        let (findings, count) = try await session.with { [limit = context.limits.maximumFindings] open in
            try open.differences(standing, limit: limit)
        }
        await session.close()
        return report(standing, snapshot, findings, count)
    }

    /// Another log, or a shorter one, would be waited for without end.
    private func checkLog(_ caps: [UnitName: FoldedVector], _ standing: StandingProjection) async throws {
        for cap in caps.values {
            let bounds = try await context.log.bounds(of: cap.sources)
            for source in cap.sources {
                guard let found = bounds[source] else { throw RebuildFault.missingTopic(source) }
                guard found.begin == 0 else { throw IncompleteLog(source: source, begin: found.begin, folded: 0) }
                let folded = cap[source]?.next ?? 0
                guard found.end >= folded else { throw RebuildFault.shorterLog(source, end: found.end, folded: folded) }
            }
        }
    }

    private func report(
        _ standing: StandingProjection, _ snapshot: Snapshot, _ findings: [Finding], _ count: Int
    ) -> Report {
        Report(
            projection: standing.type.name.text, version: standing.version, rows: snapshot.rows,
            root: snapshot.roots.values.reduce(into: StateRoot()) { $0.add($1) }, wrong: snapshot.wrong,
            findings: findings, findingCount: count)
    }
}

/// Checkpoints and rows of one projection as one transaction sees them.
struct Snapshot: Sendable {
    var checkpoints: [Int32: Checkpoint] = [:]
    var roots: [Int32: StateRoot] = [:]
    var rows = 0

    init(of standing: StandingProjection, in open: OpenSession) throws {
        for (unit, checkpoint) in try open.checkpoints()
        where unit.projection == standing.type.name.text && unit.version == standing.version {
            checkpoints[unit.partition] = checkpoint
        }
        for table in OpenSession.definitions(standing) {
            let sql = "COPY (SELECT \(WriteStatements.columns(table)) FROM \(table.physical)) TO STDOUT (FORMAT binary)"
            var found = roots
            rows += try open.session.copyOut(sql) { (row: borrowing CopyRow) in
                var at = CopyRow.start
                let partition = row.field(at: &at)?.bigEndian(at: 0, as: Int32.self) ?? -1
                found[partition, default: StateRoot()].add(StateRoot.hash(row.bytes, seed: table.shape.name.seed))
            }
            roots = found
        }
    }

    var wrong: [Int32] {
        Set(checkpoints.keys).union(roots.keys).sorted().filter { partition in
            (checkpoints[partition]?.root ?? StateRoot()) != (roots[partition] ?? StateRoot())
        }
    }
}
