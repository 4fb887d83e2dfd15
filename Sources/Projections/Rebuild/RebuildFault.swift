public import Core

/// Why a rebuild did not end, or may not serve.
public enum RebuildFault: Error, Sendable, CustomStringConvertible {
    case alreadyRunning(String)
    case readyAlready(String, version: Int)
    case missingTopic(TopicPartition)
    case shorterLog(TopicPartition, end: Int64, folded: Int64)
    /// The same log gave other rows.
    case otherRoot(projection: String, partition: Int32, expected: StateRoot, found: StateRoot)
    case noSuchVersion(String, wanted: String)
    case blocked(String)

    public var description: String {
        switch self {
        case .alreadyRunning(let name): "\(name) is being rebuilt or switched by another process; wait for it"
        case .readyAlready(let name, let version):
            """
            version \(version) of \(name) is built and waits; `torghut projections promote \(name)` shows it, \
            `torghut projections drop \(name)` removes it
            """
        case .missingTopic(let source): "\(source) is not in this log; see `torghut topics verify`"
        case .shorterLog(let source, let end, let folded):
            """
            \(source) ends at \(end), and the serving version has folded \(folded): this is not the log it was \
            folded from
            """
        case .otherRoot(let projection, let partition, let expected, let found):
            """
            \(projection), partition \(partition): the rebuild has root \(found), the serving tables have \
            \(expected); `torghut projections verify \(projection)` names the rows that differ
            """
        case .noSuchVersion(let name, let wanted): "\(name) has no version that is \(wanted)"
        case .blocked(let text): text
        }
    }
}

extension Rebuild.Goal {
    func prove(_ projection: String, _ reached: [UnitName: Checkpoint]) throws(RebuildFault) {
        for (unit, checkpoint) in reached.sorted(by: { $0.key < $1.key }) {
            guard let expected = roots[unit.partition], expected != checkpoint.root else { continue }
            throw .otherRoot(
                projection: projection, partition: unit.partition, expected: expected, found: checkpoint.root)
        }
    }

    /// How many records are to be read, for the progress.
    func events(of type: any Projection.Type) -> Int64 {
        var furthest: [TopicPartition: Int64] = [:]
        for cap in caps.values {
            for source in cap.sources { furthest[source] = max(furthest[source] ?? 0, cap[source]?.next ?? 0) }
        }
        return furthest.values.reduce(0, +)
    }
}
