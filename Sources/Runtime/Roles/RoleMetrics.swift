internal import Core
internal import Domain
internal import Postgres
internal import Synchronization
internal import Telemetry

/// How the roles of one process are, get on and fail.
final class RoleMetrics: Sendable {
    let states: Family<Gauge>
    let progress: Family<Gauge>
    private let lagEvents: Family<Gauge>
    private let lagSeconds: Family<Gauge>
    private let failures: Family<Counter>
    private let repeated: Family<Counter>
    /// The cause for which a role failed last, until it gets on.
    private let lastCause = Mutex<[RoleName: String]>([:])

    init(in registry: Registry) {
        states = registry.gauges("torghut_role_state", "1 for the state a role is in.", by: ["role", "state"])
        progress = registry.gauges(
            "torghut_role_last_progress_seconds", "When a role last got on, in seconds since 1970.", by: ["role"])
        lagEvents = registry.gauges(
            "torghut_role_lag_events", "Offsets of the log that a role has before it, at its last heartbeat.",
            by: ["role"])
        lagSeconds = registry.gauges(
            "torghut_role_lag_seconds",
            "How old the last record is that a role has read where it is behind; 0 where it is not.", by: ["role"])
        failures = registry.counters(
            "torghut_role_failures_total", "What a role failed for and tried again, by cause.", by: ["role", "cause"])
        repeated = registry.counters(
            "torghut_role_failures_repeated_total",
            "Failures for the cause of the one before, without any progress between them.", by: ["role", "cause"])
    }

    func failed(_ role: RoleName, _ cause: String) {
        failures.labelled(role.rawValue, cause).increment()
        let before = lastCause.withLock { $0.updateValue(cause, forKey: role) }
        guard before == cause else { return }
        repeated.labelled(role.rawValue, cause).increment()
    }

    func progressed(_ role: RoleName, at now: Timestamp) {
        lastCause.withLock { $0[role] = nil }
        progress.labelled(role.rawValue).set(Double(now.nanoseconds / 1_000_000) / 1_000)
    }

    func behind(_ role: RoleName, _ places: [PartitionProgress], at now: Timestamp) {
        let behind = places.filter { $0.position < $0.endOffset ?? 0 }
        lagEvents.labelled(role.rawValue).set(
            Double(behind.reduce(0) { $0 + ($1.endOffset ?? 0) - $1.position }))
        let oldest = behind.compactMap(\.lastEventTime).min()
        lagSeconds.labelled(role.rawValue).set(oldest.map { max(0, now.since($0) / .seconds(1)) } ?? 0)
    }
}

/// Why something failed, in one of a few words: what an error says in full is in the program's log.
enum FailureCause {
    static func word(of error: any Error) -> String {
        switch error {
        case let error as LogError: "log_\(word(of: error.reason))"
        case let error as PostgresError: "postgres_\(error.sqlState.map { $0.prefix(2).lowercased() } ?? "connection")"
        case is CancellationError: "cancelled"
        default: "other"
        }
    }

    static func word(of reason: LogError.Reason) -> String {
        switch reason {
        case .fenced: "fenced"
        case .positionOutOfRange: "position_out_of_range"
        case .anchorMismatch: "anchor_mismatch"
        case .unknownTopic: "unknown_topic"
        case .unknownPartition: "unknown_partition"
        case .limitExceeded: "limit_exceeded"
        case .damaged: "damaged"
        case .locked: "locked"
        case .noSpace: "no_space"
        case .timedOut: "timed_out"
        case .unavailable: "unavailable"
        case .outcomeUnknown: "outcome_unknown"
        case .refused: "refused"
        case .failed: "failed"
        case .closed: "closed"
        }
    }
}
