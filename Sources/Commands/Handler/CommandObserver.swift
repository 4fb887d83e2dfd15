public import Core
public import Folding

/// Learns what the handler does; told on any thread.
public protocol CommandObserver: Sendable {
    /// Answers that are durable now.
    func committed(_ batch: AnswerCounts, took: Duration)
    func noted(_ note: CommandNote)
}

/// How many decisions were answered how.
public struct AnswerCounts: Sendable, Equatable {
    public var intents = 0
    public var rejected = 0
    public var blocked = 0
    public var conflicted = 0
    /// The same decision came again; nothing was written.
    public var repeated = 0
    /// Records on the decisions' topic that are no decision; they were put aside.
    public var parked = 0

    /// When the decisions of this batch were taken in.
    public var takenIn: [Timestamp] = []

    public init() {}

    /// How long each of them has waited.
    public func lags(at now: Timestamp) -> [Duration] { takenIn.map { max(.zero, now.since($0)) } }

    public var decisions: Int { intents + rejected + blocked + conflicted + repeated }
}

/// Something that an operator may want to know.
public enum CommandNote: Sendable {
    /// The state is known and decisions are answered from now on.
    case ready(records: Int, fromSnapshot: Bool, took: Duration)
    case snapshotDiscarded(SnapshotRefusal)
    case snapshotSaved(took: Duration)
    case snapshotFailed(SnapshotRefusal)
    /// A record could not be folded; `hold` names the one because of which nothing new may leave, if there is one.
    case unreadable(Unreadable, hold: String?)
    /// An operator said what becomes of such a record; `hold` names one that still holds everything back.
    case settled(hold: String?)
    /// Whether control is known to its end; said anew with every proof, and once when the last one is too old.
    case control(isProved: Bool)
    case retrying(LogError)
    /// Everything in memory is dropped, and the log is read again.
    case restarting(LogError)
    /// Another process answers decisions now.
    case fenced
}
