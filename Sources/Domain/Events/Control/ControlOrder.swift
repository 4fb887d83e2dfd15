public import Core

/// Who ordered something, about what, and why.
public struct ControlOrder: FieldRecord {
    public var scope: Scope
    public var actor: ActorName
    public var reason: Prose

    @inlinable
    public init(scope: Scope, actor: ActorName, reason: Prose) {
        self.scope = scope
        self.actor = actor
        self.reason = reason
    }

    @inlinable
    public init(unread: Unread) {
        scope = unread()
        actor = unread()
        reason = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("scope", &scope, FieldNote("What it applies to.", example: "lane:execution"))
        try fields.field("actor", &actor, "Who.")
        try fields.field("reason", &reason, "Why.")
    }
}
