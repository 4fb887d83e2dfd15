internal import Core
internal import Domain
internal import Synchronization

/// What the last look sees right before a first byte: whether this owner is still one, and what control said last.
///
/// Every take-over of the partition has one of its own; a call that belongs to an earlier one finds it withdrawn.
final class SendPermit: Sendable {
    struct Standing: Sendable, Equatable {
        var isOwner = true
        var stop: HeldBack? = .killSwitch
        var controlSeenAt: Timestamp?
    }

    enum Look: Sendable, Equatable {
        case go
        /// Control is not known to its end, and may be soon.
        case wait
        case forbidden(HeldBack)
    }

    private let standing = Mutex(Standing())
    private let localStop: LocalStopReading
    private let lease: Duration

    init(_ localStop: @escaping LocalStopReading, lease: Duration) {
        self.localStop = localStop
        self.lease = lease
    }

    func publish(_ stop: HeldBack?, controlSeenAt: Timestamp?) {
        standing.withLock { standing in
            standing.stop = stop
            standing.controlSeenAt = controlSeenAt
        }
    }

    func withdraw() { standing.withLock { $0.isOwner = false } }

    func look(at now: Timestamp, deadline: Timestamp) -> Look {
        let standing = standing.withLock { $0 }
        if !standing.isOwner { return .forbidden(.notOwner) }
        if localStop().isEngaged { return .forbidden(.killSwitch) }
        if let stop = standing.stop { return .forbidden(stop) }
        if now >= deadline { return .forbidden(.deadline) }
        guard let seen = standing.controlSeenAt, now.since(seen) <= lease else { return .wait }
        return .go
    }
}

/// Why not a byte of a prepared attempt goes out: the code of its reply.
enum HeldBack: String, Sendable {
    case notOwner = "partition_lost"
    case killSwitch = "kill_switch_engaged"
    case emergencyStop = "emergency_stop_latched"
    case unreadRecord = "record_unread"
    case deadline = "deadline_passed"
    case noAdapter = "adapter_not_configured"
    case controlStale = "control_view_stale"

    var answer: SubmitAnswer {
        let taxonomy: FailureTaxonomy =
            switch self {
            case .notOwner: .staleEpoch
            case .deadline, .controlStale: .deadlinePassed
            case .killSwitch, .emergencyStop, .unreadRecord, .noAdapter: .unknownError
            }
        return .heldBack(taxonomy, AdapterReply(code: Code(trusted: rawValue)))
    }
}
