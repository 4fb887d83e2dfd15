public import Core

/// One role of one process, judged.
public struct RoleStanding: Sendable, Equatable {
    public let role: RoleName
    public let process: ProcessName
    public internal(set) var state: RoleState
    public internal(set) var detail: String
    /// What it said of itself.
    public let said: RoleState
    public let startedAt: Timestamp
    public let seenAt: Timestamp
    public let lastProgressAt: Timestamp?
    public let idleProved: Bool
    public let progress: [PartitionProgress]
    /// By what it judges.
    public let policyHash: ContentHash?
    /// Nothing was heard of it for too long.
    public internal(set) var isSilent = false
    /// Silent, and another process does its work.
    public internal(set) var isReplaced = false
    /// What a silent process read and nobody has taken over.
    public internal(set) var orphans: [PartitionName] = []
    /// Since when it says of itself what it says, as far as its heartbeats are kept.
    public internal(set) var since: Timestamp
    /// Since when it is ill, as far as heartbeats tell it; `nil` while it is well.
    public internal(set) var illSince: Timestamp?
    /// Since when it does not stand by; `nil` while it does.
    public internal(set) var leaderSince: Timestamp?

    init(_ beat: HeartbeatRecorded, seenAt: Timestamp) {
        role = beat.role
        process = beat.process
        state = beat.state
        said = beat.state
        detail = beat.detail?.text ?? ""
        startedAt = beat.startedAt
        self.seenAt = seenAt
        since = seenAt
        lastProgressAt = beat.lastProgressAt
        idleProved = beat.idleProved
        progress = beat.progress
        policyHash = beat.configHash
    }

    /// How many records lie before it, as far as it knew.
    public var lag: Int64 { progress.reduce(0) { $0 + max(0, ($1.endOffset ?? $1.position) - $1.position) } }

    /// Whether somebody has to look: a role that stands by or was never asked to run is well.
    public var isWell: Bool { isReplaced || [.running, .follower, .disabled].contains(state) }
}
