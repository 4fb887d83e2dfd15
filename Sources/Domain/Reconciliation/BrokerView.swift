public import Core

/// What one round of questions brought, besides the answers about orders, which are folded like everything else.
public struct BrokerView: Sendable {
    public let account: AccountLabel
    /// When the first question went out.
    public let at: Timestamp
    /// Orders of which the broker said in his own words that there is none.
    public var absent: Set<BrokerOrderID> = []
    /// Orders that were answered for in this round.
    public var found: Set<BrokerOrderID> = []
    /// Orders from outside of which he said so often enough.
    public var gone: Set<BrokerOrderID> = []
    /// The account and all its positions; `nil` when not all of it was read: then nothing is held against it.
    public var facts: AccountSnapshotObserved?
    /// From the first question about the account to the last answer.
    public var readingTook: Duration = .zero

    public init(of account: AccountLabel, at moment: Timestamp) {
        self.account = account
        at = moment
    }
}
