internal import Core
internal import Domain
internal import Folding

/// When control was last proved to be read to its end.
///
/// A proof is asked for four times in its lease. Its age is measured on a clock that never goes back, so that one who
/// sets the time of day makes nothing younger.
struct ControlProof {
    private static let source = TopicPartition(TopicCatalog.control.name, 0)

    let lease: Duration
    private var proved: (at: Timestamp, uptime: Duration)?
    private var isStale = false

    init(lease: Duration) { self.lease = lease }

    /// How long to wait for records before another proof is due.
    var interval: Duration { lease / 4 }

    /// The moment of the last proof, while it is worth something.
    func seenAt(_ time: any TimeSource) -> Timestamp? {
        guard let proved, time.uptime() - proved.uptime <= lease else { return nil }
        return proved.at
    }

    nonisolated(nonsending) mutating func renew(
        _ follower: LogFollower<some FactReader & ~Copyable>, _ context: HandlerContext
    ) async {
        // Taken before the log is asked: what is written while it answers is not proved.
        let (now, uptime) = (context.time.now(), context.time.uptime())
        if let proved, uptime - proved.uptime < interval { return }
        do throws(LogError) {
            if try await follower.isAtEnd(of: Self.source) {
                proved = (now, uptime)
                isStale = false
                context.observer.noted(.control(isProved: true))
            }
        } catch { context.observer.noted(.retrying(error)) }
        guard seenAt(context.time) == nil, !isStale else { return }
        isStale = true
        context.observer.noted(.control(isProved: false))
    }
}
