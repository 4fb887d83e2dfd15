/// What a token allows; whoever may change something may also read.
public enum TokenRole: String, Sendable, CaseIterable {
    case read
    /// Control, quarantine, discrepancies: what operators decide.
    case operate
    /// Decisions to trade.
    case trade
}

/// Who asks, as his token says: the actor of every event that comes of it.
public struct Caller: Sendable, Equatable {
    public let name: String
    public let roles: Set<TokenRole>

    public init(name: String, roles: Set<TokenRole>) {
        self.name = name
        self.roles = roles
    }

    public func may(_ role: TokenRole) -> Bool { role == .read ? !roles.isEmpty : roles.contains(role) }

    /// Somebody on this machine who showed nothing.
    static let nobody = Caller(name: "nobody", roles: [.read])
}
