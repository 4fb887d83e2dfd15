public import Core
public import Domain

/// Who decides, why, and by which door he came in: the command line or the API.
public struct OperatorOrigin: Sendable {
    public let actor: ActorName
    public let reason: Prose
    public let source: SourceName
    /// Under which name the log knows the writer.
    public let writer: String

    public init(actor: ActorName, reason: Prose, source: SourceName, writer: String) {
        self.actor = actor
        self.reason = reason
        self.source = source
        self.writer = writer
    }

    public func order(_ scope: Scope) -> ControlOrder { ControlOrder(scope: scope, actor: actor, reason: reason) }
}
