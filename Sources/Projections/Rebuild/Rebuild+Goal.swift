internal import Core
internal import Postgres

/// Where a rebuild stops, and what it must have reached there.
extension Rebuild {
    struct Goal: Sendable {
        var caps: [Int32: FoldedVector] = [:]
        var roots: [Int32: StateRoot] = [:]
        var serving: StandingVersion?
        var shortBy: Int64 = 0
    }

    /// The serving version's checkpoints; without a version of the same fold, the log's end.
    ///
    /// Where the log ends before one, the last kept pair that it does reach: so an archive that ends earlier proves the
    /// tables all the same.
    func goal(for type: any Projection.Type, _ session: BulkSession) async throws -> Goal {
        let served = try await session.with { try $0.served(of: type) }
        let ends = try await wholeLog(of: type)
        var goal = Goal(serving: served?.version)
        var folded: [FoldedVector] = []
        for partition in 0..<type.partitions {
            let end = FoldedVector(
                type.sources(of: partition).reduce(into: [:]) { $0[$1] = .init(next: ends[$1]?.end ?? 0) })
            guard let served, let latest = served.kept[partition]?.first else {
                goal.caps[partition] = end
                continue
            }
            guard served.version.fold == type.fold else {
                goal.caps[partition] = end
                folded.append(latest.vector)
                continue
            }
            guard let stop = served.kept[partition]?.first(where: { end.covers($0.vector) }) else {
                throw Self.tooShort(end, for: latest.vector)
            }
            (goal.caps[partition], goal.roots[partition]) = (stop.vector, stop.root)
            goal.shortBy += latest.vector.distance(from: stop.vector)
            folded.append(stop.vector)
        }
        try await LogCheck(log: context.log).check(folded)
        return goal
    }

    /// A rebuild from a log whose beginning is gone would be another table.
    private func wholeLog(of type: any Projection.Type) async throws -> [TopicPartition: Bounds] {
        let sources = Set((0..<type.partitions).flatMap { type.sources(of: $0) }).sorted()
        let bounds = try await context.log.bounds(of: sources)
        for source in sources {
            guard let found = bounds[source] else { throw RebuildFault.missingTopic(source) }
            guard found.begin == 0 else { throw IncompleteLog(source: source, begin: found.begin, folded: 0) }
        }
        return bounds
    }

    private static func tooShort(_ end: FoldedVector, for vector: FoldedVector) -> any Error {
        for source in vector.sources {
            let (folded, held) = (vector[source]?.next ?? 0, end[source]?.next ?? 0)
            if held < folded { return RebuildFault.shorterLog(source, end: held, folded: folded) }
        }
        preconditionFailure("what covers the latest vector was a choice")
    }
}

/// The version readers see, and what is known of its last commits.
struct ServedVersion: Sendable {
    struct Kept: Sendable {
        let vector: FoldedVector
        let root: StateRoot
    }

    let version: StandingVersion
    /// By partition, the latest first; none of a partition that nobody has committed in.
    let kept: [Int32: [Kept]]
}

extension OpenSession {
    func served(of type: any Projection.Type) throws -> ServedVersion? {
        guard let serving = try versions().first(where: { $0.projection == type.name.text && $0.state == .serving })
        else { return nil }
        var kept: [Int32: [ServedVersion.Kept]] = [:]
        for (unit, checkpoint) in try checkpoints()
        where unit.projection == serving.projection && unit.version == serving.version && checkpoint.commit > 0 {
            kept[unit.partition] = [ServedVersion.Kept(vector: checkpoint.vector, root: checkpoint.root)]
        }
        var parameters = Parameters()
        parameters.append(serving.projection)
        parameters.append(Int32(serving.version))
        let rows = try session.query(.sql(Self.keptRoots), parameters).rows
        for row in 0..<rows.count {
            guard let root = StateRoot(rows.text(row, 2) ?? "") else { continue }
            let vector = try FoldedVector(text: rows.text(row, 1) ?? "")
            kept[Int32(rows.integer(row, 0) ?? -1)]?.append(ServedVersion.Kept(vector: vector, root: root))
        }
        return ServedVersion(version: serving, kept: kept)
    }

    private static let keptRoots = """
        SELECT log_partition, vector, root FROM projection_roots
        WHERE projection = $1 AND version = $2 ORDER BY log_partition, commit_no DESC
        """
}
