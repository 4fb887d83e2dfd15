internal import Core
internal import Domain

/// A record that could not be folded, and what operators did about it.
public struct QuarantineRow: StoredRow {
    public static let table = TableName(
        "quarantine", .current, "Records that could not be folded, and what operators did about them.")

    public struct Key: RowKey {
        var projection = Label.blank
        var version: Int64 = 0
        var topic = TopicName.blank
        var partition: Int64 = 0
        var offset: Int64 = 0

        public init() {}

        init(_ record: ParkedKey) {
            projection = record.projection
            version = record.projectionVersion
            topic = record.sourceTopic
            partition = record.sourcePartition
            offset = record.sourceOffset
        }

        public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
            _ columns: inout Walker
        ) throws(Walker.Failure) {
            try columns.text("projection", &projection, "Who parked it.")
            try columns.column("projection_version", &version, "Its version.")
            try columns.text("source_topic", &topic, "The record.")
            try columns.column("source_partition", &partition, "The record.")
            try columns.column("source_offset", &offset, "The record.")
        }
    }

    /// What an operator did last.
    struct Action: Sendable, Equatable {
        var word: String
        var at: Moment
        var actor: ActorName
        var reason: String
        var offset: Int64
    }

    public var key = Key()
    var recordKey: Octets?
    var letter: Letter?
    var parkedCount: Int64 = 0
    var firstParkedAt: Moment?
    var lastParkedAt: Moment?
    var action: Action?
    var actionCount: Int64 = 0
    var patch: Octets?
    var createdAt: Moment?
    var updatedAt: Moment?

    public init() {}

    init(_ key: Key) { self.key = key }

    var status: String {
        guard let action else { return "parked" }
        return lastParkedAt.map { $0 > action.at } ?? false ? "parked" : action.word
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        var word = status
        try columns.column("status", &word, "parked, released, skipped or patched.")
        try columns.column("record_key", &recordKey, "The record's key.")
        try Letter.walk(&letter, &columns)
        try columns.column("parked_count", &parkedCount, "How often it was parked.")
        try columns.column("first_parked_at", &firstParkedAt, "When it first was.")
        try columns.column("last_parked_at", &lastParkedAt, "When it last was.")
        try walkAction(&columns)
        try columns.column("action_count", &actionCount, "How often operators acted.")
        try columns.column("patched_value", &patch, "What is folded instead.")
        var (created, updated) = (createdAt ?? .zero, updatedAt ?? .zero)
        try columns.column("created_at", &created, "The earliest event about it.")
        try columns.column("updated_at", &updated, "The latest event about it.")
        (createdAt, updatedAt) = (created, updated)
    }

    private mutating func walkAction<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        var (word, at, actor) = (action?.word, action?.at, action?.actor)
        var (reason, offset) = (action?.reason, action?.offset)
        try columns.column("last_action", &word, "What an operator did last.")
        try columns.column("last_action_at", &at, "When.")
        try columns.text("last_action_by", &actor, "Who.")
        try columns.column("last_action_reason", &reason, "Why.")
        try columns.column("last_action_offset", &offset, "Where that lies in torghut.control.v1.")
        guard let word, let at, let actor, let reason, let offset else { return }
        action = Action(word: word, at: at, actor: actor, reason: reason, offset: offset)
    }
}
