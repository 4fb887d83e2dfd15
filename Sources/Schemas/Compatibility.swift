public import Domain

/// Which readers and writers of a topic may be of different age.
public enum Compatibility: String, Sendable, CaseIterable {
    /// New readers understand what old writers wrote.
    case backward = "BACKWARD"
    /// Old readers understand what new writers write.
    case forward = "FORWARD"
    /// Both.
    case full = "FULL"

    /// The rule of a topic, one for each family of events on it.
    public static func of(_ family: EventFamily) -> Compatibility {
        switch family {
        // Kept forever and folded into read models: whatever is new must read the whole history. Readers are rolled
        // out before writers.
        case .decisions, .intents, .route, .orderEvents, .shadow, .strategyShadow, .backtests, .canary, .account,
            .quarantine:
            .backward
        // Read by every process, also by those that a roll-out has not reached: an old router must understand a new
        // kill switch, and a new one last year's.
        case .control: .full
        // Kept for an hour: there is no history, but the monitors that watch a roll-out are older than it.
        case .heartbeats: .forward
        }
    }

    public func isBroken(by change: SchemaChange) -> Bool {
        switch self {
        case .backward: change.breaksBackward
        case .forward: change.breaksForward
        case .full: change.breaksBackward || change.breaksForward
        }
    }
}

/// One difference between two shapes of an event.
public struct SchemaChange: Sendable, Equatable, CustomStringConvertible {
    /// The type and version it was found in, as in `decision.recorded.v1`.
    public let schema: String
    /// Where in the event, as in `$.payload.qty`; `$` is the whole.
    public let path: String
    public let what: String
    /// A new reader cannot read what was written before.
    public let breaksBackward: Bool
    /// An old reader cannot read what is written from now on.
    public let breaksForward: Bool

    public var description: String { "\(schema): \(path): \(what)" }
}
