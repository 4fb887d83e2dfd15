internal import Synchronization

/// How far a rebuild is.
public struct RebuildProgress: Sendable {
    public let projection: String
    /// Records read; those of topics that every partition reads count once for each connection.
    public let folded: Int64
    public let total: Int64
}

/// Adds up what the connections of a rebuild have done.
final class RebuildCounter: Sendable {
    private let folded = Atomic<Int64>(0)
    private let projection: String
    private let total: Int64
    private let report: @Sendable (RebuildProgress) -> Void

    init(projection: String, total: Int64, _ report: @escaping @Sendable (RebuildProgress) -> Void) {
        self.projection = projection
        self.total = total
        self.report = report
    }

    func folded(_ records: Int) {
        let now = folded.add(Int64(records), ordering: .relaxed).newValue
        report(RebuildProgress(projection: projection, folded: min(now, total), total: total))
    }
}
