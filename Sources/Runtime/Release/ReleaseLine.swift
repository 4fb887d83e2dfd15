/// One thing that a release is held against, and what came of it.
public struct ReleaseLine: Sendable, Equatable {
    public enum Verdict: String, Sendable {
        case ok
        case no
        /// Nobody said where it is, or it has no source yet: neither a breach nor its absence.
        case notAsked = "not asked"
    }

    /// What a breach stops.
    public enum Blocks: String, Sendable, CaseIterable {
        /// Every release that is no emergency.
        case releases
        /// Releases that touch controllers: the roles, and what they are judged by.
        case controllers
        /// Promotion to the live canary.
        case canary
    }

    public let what: String
    public let name: String
    public let verdict: Verdict
    public let blocks: Blocks
    public let says: String
    public let next: String?

    public init(
        _ what: String, _ name: String, _ verdict: Verdict, _ blocks: Blocks, _ says: String, next: String? = nil
    ) {
        self.what = what
        self.name = name
        self.verdict = verdict
        self.blocks = blocks
        self.says = says
        self.next = next
    }

    /// Whether it stands against a release of this kind; `nil` is one of any kind.
    public func stops(_ kind: Blocks?) -> Bool {
        verdict == .no && (kind == nil || blocks == .releases || blocks == kind)
    }
}
