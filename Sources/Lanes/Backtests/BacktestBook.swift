public import Core
public import Domain

/// What the log says of backtests: of each run its latest state, and whether the lane is switched off.
public struct BacktestBook: Sendable {
    public struct Entry: Sendable {
        public var run: BacktestRun
        /// The event that asked for it; further events of the run follow from it.
        public var submitted: EventID
        public var story: StoryID
        public var account: AccountLabel?
        public var changedAt: Timestamp
    }

    public static let types = Set(
        Backtests.Kind.allCases.map(EventType.backtests) + [.control(.laneDisabled), .control(.laneEnabled)])
    public static let topics = [TopicCatalog.backtests, TopicCatalog.control]

    public private(set) var entries: [BacktestID: Entry] = [:]
    public private(set) var isLaneDisabled = false

    public init() {}

    /// Taking the same event twice changes nothing.
    public mutating func fold(_ event: Event) {
        switch event.content {
        case .backtests(let backtests): fold(backtests, event.envelope)
        case .control(.laneDisabled(let word)) where word.lane == .researchBacktest:
            // A dry run touches no order, and nor does any backtest.
            isLaneDisabled = word.dryRun != true
        case .control(.laneEnabled(let word)) where word.lane == .researchBacktest: isLaneDisabled = false
        default: break
        }
    }

    private mutating func fold(_ event: Backtests, _ envelope: Envelope) {
        let run = event.run
        switch event {
        case .backtestSubmitted:
            // Asked for again while it is open, it is the same run; afterwards it begins anew.
            if let known = entries[run.backtestID], !known.run.status.isFinal || known.run.status == .completed {
                return
            }
            entries[run.backtestID] = Entry(
                run: run, submitted: envelope.eventID, story: envelope.correlation, account: envelope.account,
                changedAt: envelope.eventTime)
        case .backtestStarted, .backtestCompleted, .backtestFailed:
            guard var entry = entries[run.backtestID] else {
                entries[run.backtestID] = Entry(
                    run: run, submitted: envelope.causation ?? envelope.eventID, story: envelope.correlation,
                    account: envelope.account, changedAt: envelope.eventTime)
                return
            }
            // An answer to an earlier question says nothing of this one.
            guard envelope.causation == nil || envelope.causation == entry.submitted else { return }
            entry.run = run
            entry.changedAt = envelope.eventTime
            entries[run.backtestID] = entry
        }
    }

    /// Runs without an end, oldest first.
    public var open: [Entry] {
        entries.values.filter { !$0.run.status.isFinal }
            .sorted { ($0.run.submittedAt, $0.run.backtestID.text) < ($1.run.submittedAt, $1.run.backtestID.text) }
    }
}

extension BacktestStatus {
    /// Whether nothing follows.
    public var isFinal: Bool {
        switch self {
        case .queued, .running: false
        case .completed, .failed, .cancelled: true
        }
    }
}
