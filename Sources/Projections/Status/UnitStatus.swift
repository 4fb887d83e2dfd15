public import Core

/// One partition of a projection beside the log: how far it is, and whether anybody moves it.
public struct UnitStatus: Sendable {
    public struct Input: Sendable {
        public let source: TopicPartition
        public let end: Int64
        /// The first offset that is not folded.
        public let next: Int64
        /// The time of the first record that is not folded; `nil` when none is there.
        public let oldest: Timestamp?

        public var lag: Int64 { end - next }
    }

    public enum Verdict: Sendable, Equatable {
        /// Everything in the log is folded: there is nothing to do, and that is proved.
        case idle
        /// Behind, and its owner gets on, or had no time to.
        case moving
        /// Behind, and nobody moves it.
        case stuck(String)
        /// Not what readers see: a rebuild's, or kept from before.
        case aside

        public var word: String {
            switch self {
            case .idle: "idle"
            case .moving: "moving"
            case .stuck: "stuck"
            case .aside: "aside"
            }
        }
    }

    public let standing: UnitStanding
    public let inputs: [Input]
    /// The owner committed between two looks.
    public internal(set) var wasSeenMoving = false

    public var lag: Int64 { inputs.reduce(0) { $0 + max(0, $1.lag) } }
    public var oldest: Timestamp? { inputs.compactMap(\.oldest).min() }

    /// How long an owner may take without a commit while something waits.
    public static let patience: Duration = .seconds(30)

    /// Green needs evidence: of progress, or of nothing to do.
    public func verdict(at now: Timestamp) -> Verdict {
        guard standing.state == .serving || standing.state == nil else { return .aside }
        if let beyond = inputs.first(where: { $0.lag < 0 }) {
            return .stuck("\(beyond.source) was folded up to \(beyond.next) and ends at \(beyond.end): another log?")
        }
        guard oldest != nil else { return .idle }
        if standing.isOutdated {
            return .stuck(
                "made by fold \(standing.fold), this program has fold \(standing.ownFold): "
                    + "'torghut projections rebuild \(standing.unit.projection)'")
        }
        guard let owner = standing.owner else { return .stuck("nobody has taken it over; 'torghut run' does") }
        if wasSeenMoving { return .moving }
        guard owner.isConnected else { return .stuck("its owner \(owner.name) is gone") }
        let age = Self.age(of: oldest, at: now)
        guard age > Self.patience, Self.age(of: owner.lastCommit, at: now) > Self.patience else { return .moving }
        let waiting = standing.parked + standing.deferred
        let held = waiting == 0 ? "" : "; \(waiting) records wait for an operator, see 'torghut quarantine list'"
        return .stuck("its owner \(owner.name) is there and commits nothing\(held)")
    }

    /// Time since a moment; of none, longer than any.
    private static func age(of time: Timestamp?, at now: Timestamp) -> Duration {
        time.map { .nanoseconds(now.nanoseconds - $0.nanoseconds) } ?? .seconds(Int64.max / 2)
    }
}
