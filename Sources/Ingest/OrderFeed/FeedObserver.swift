public import Core
public import Domain
public import Folding

/// Learns what the order feed does; told on any thread.
public protocol FeedObserver: Sendable {
    /// Updates whose classification is durable now.
    func committed(_ counts: FeedCounts, took: Duration)
    func noted(_ note: FeedNote)
}

/// How many messages became what.
public struct FeedCounts: Sendable, Equatable {
    public var messages = 0
    public var byClass: [UpdateClass: Int] = [:]
    /// Messages that are no update of an order; they were put aside.
    public var parked: [ParkReason: Int] = [:]
    /// How old the oldest of them was, by the time its record was written.
    public var oldest: Timestamp?

    public init() {}
}

/// Something that an operator may want to know.
public enum FeedNote: Sendable {
    /// The state is known, and updates are classified from now on.
    case ready(records: Int, fromSnapshot: Bool, took: Duration)
    case snapshotDiscarded(SnapshotRefusal)
    case snapshotSaved(took: Duration)
    case snapshotFailed(SnapshotRefusal)
    /// A message that is no update of an order, and why.
    case parked(RecordPosition, String)
    /// A record of ours that could not be folded: what it says of an order is missing.
    case unreadable(Unreadable)
    case retrying(LogError)
    /// Another process feeds now.
    case fenced
}
