/// How the house's own work goes, under the names that operators of the original know.
///
/// Every room may count here: declaring them again gives the same instruments.
public struct ControlPlaneMetrics: Sendable {
    /// Why something was sent away.
    public enum RateLimit: String, CaseIterable, Sendable {
        /// The broker answered 429 to a call by this way.
        case alpaca, lean
        /// Orders that the reconciler's budget of questions left for the next round.
        case reconcileBudget = "reconcile_budget"
        /// Too many decisions waited for the log.
        case intake
        /// A client beyond the limit of streams.
        case httpStreams = "http_streams"
    }

    /// Which loop took so long.
    public enum Loop: String, CaseIterable, Sendable {
        case commands, orderFeed = "order_feed", stream, reconciler, router, heartbeat
    }

    /// What waits where.
    public enum Queue: String, CaseIterable, Sendable {
        case intake, stream
        case laneShadow = "lane_shadow"
        case laneStrategyShadow = "lane_strategy_shadow"
        case laneBacktests = "lane_backtests"
    }

    private let reconcile: Family<Histogram>
    private let queues: Family<Gauge>
    private let leaderChanges: Family<Counter>
    private let outcomes: Family<Counter>
    private let rateLimits: Family<Counter>

    public init(in registry: Registry) {
        reconcile = registry.histograms(
            "jangar_reconcile_duration_seconds", "How long one turn of a loop took.", by: ["kind"],
            bounds: Histogram.turns,
            original: .milliseconds(
                "jangar_reconcile_duration_ms", "How long one turn of a loop took, in milliseconds."))
        queues = registry.gauges("jangar_agents_queue_depth", "What waits now, by queue.", by: ["queue"])
        leaderChanges = registry.counters(
            "jangar_leader_changes_total", "How often this process began or ceased to lead a role.",
            by: ["role", "to"])
        outcomes = registry.counters(
            "jangar_agent_run_outcomes_total", "Runs that ended, by kind and by how they ended.",
            by: ["kind", "outcome"])
        rateLimits = registry.counters(
            "jangar_agents_rate_limit_rejections_total", "What was sent away for being too much, by where.",
            by: ["scope"])
        for queue in Queue.allCases { _ = queues.labelled(queue.rawValue) }
        for scope in RateLimit.allCases { _ = rateLimits.labelled(scope.rawValue) }
    }

    public func turned(_ loop: Loop, _ took: Duration) {
        reconcile.labelled(loop.rawValue).observe(took)
    }

    public func waits(_ count: Int, in queue: Queue) { queues.labelled(queue.rawValue).set(count) }

    public func leads(_ role: String, _ isLeader: Bool) {
        leaderChanges.labelled(role, isLeader ? "leader" : "follower").increment()
    }

    public func ended(_ kind: String, _ outcome: String) { outcomes.labelled(kind, outcome).increment() }

    public func refused(_ scope: RateLimit, _ count: Int = 1) {
        guard count > 0 else { return }
        rateLimits.labelled(scope.rawValue).increment(by: UInt64(count))
    }
}
