public import Core

/// A role says what it did last.
public struct HeartbeatRecorded: Payload {
    @inlinable public static var type: EventType { .heartbeats(.heartbeatRecorded) }

    public var process: ProcessName
    public var role: RoleName
    public var state: RoleState
    public var startedAt: Timestamp
    public var lastProgressAt: Timestamp?
    public var idleProved: Bool
    public var epoch: Int64?
    public var progress: [PartitionProgress]
    public var build: Label?
    public var configHash: ContentHash?
    public var detail: Prose?

    @inlinable
    public init(
        process: ProcessName, role: RoleName, state: RoleState, startedAt: Timestamp, lastProgressAt: Timestamp? = nil,
        idleProved: Bool, epoch: Int64? = nil, progress: [PartitionProgress], build: Label? = nil,
        configHash: ContentHash? = nil, detail: Prose? = nil
    ) {
        self.process = process
        self.role = role
        self.state = state
        self.startedAt = startedAt
        self.lastProgressAt = lastProgressAt
        self.idleProved = idleProved
        self.epoch = epoch
        self.progress = progress
        self.build = build
        self.configHash = configHash
        self.detail = detail
    }

    @inlinable
    public init(unread: Unread) {
        process = unread()
        role = unread()
        state = unread()
        startedAt = unread()
        idleProved = unread()
        progress = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("process", &process, "The process.")
        try fields.field("role", &role, "The role.")
        try fields.field("state", &state, "What it says of itself.")
        try fields.field("started_at", &startedAt, "When it started.")
        try fields.field("last_progress_at", &lastProgressAt, "When it last got on; null before the first time.")
        try fields.field("idle_proved", &idleProved, "Whether there is nothing to do.")
        try fields.field("epoch", &epoch, "Its epoch as an owner.")
        try fields.list("progress", &progress, 0...512, "Where it is in each partition.")
        try fields.field("build", &build, "Which program.")
        try fields.field("config_hash", &configHash, "Which configuration.")
        try fields.field("detail", &detail, "More.")
    }
}
