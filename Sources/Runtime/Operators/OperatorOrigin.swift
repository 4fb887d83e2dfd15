public import Core
public import Domain

/// Who decides, why, and by which door he came in: the command line or the API.
public struct OperatorOrigin: Sendable {
    public let actor: ActorName
    public let reason: Prose
    public let source: SourceName

    public init(actor: ActorName, reason: Prose, source: SourceName) {
        self.actor = actor
        self.reason = reason
        self.source = source
    }

    public func order(_ scope: Scope) -> ControlOrder { ControlOrder(scope: scope, actor: actor, reason: reason) }
}
