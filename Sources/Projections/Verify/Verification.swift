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
        let retelling = try Retelling(of: standing, context)
        let snapshot = try await retelling.look()
        let caps = snapshot.wrong.reduce(into: [:]) { $0[$1] = snapshot.checkpoints[$1]?.vector ?? FoldedVector() }
        guard !caps.isEmpty else { return report(standing, snapshot, [], 0) }
        try await checkLog(Array(caps.values))
        try await retelling.fold(to: caps)
        let (findings, count) = try await retelling.differences(limit: context.limits.maximumFindings)
        return report(standing, snapshot, findings, count)
    }

    /// Another log, or a shorter one, would be waited for without end.
    private func checkLog(_ caps: [FoldedVector]) async throws {
        for cap in caps {
            let bounds = try await context.log.bounds(of: cap.sources)
            for source in cap.sources {
                guard let found = bounds[source] else { throw RebuildFault.missingTopic(source) }
                guard found.begin == 0 else { throw IncompleteLog(source: source, begin: found.begin, folded: 0) }
                let folded = cap[source]?.next ?? 0
                guard found.end >= folded else { throw RebuildFault.shorterLog(source, end: found.end, folded: folded) }
            }
        }
        try await LogCheck(log: context.log).check(caps)
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
