public import Core

/// All that the strategy lane knows from the log: intents that are to be evaluated, and the evidence of each strategy.
///
/// A fold that may take the same event twice: what the lane writes it folds at once, and reads it back later.
public struct PromotionBook: Snapshot {
    public static let foldName = "torghut.promotion.1"

    public let policy: PromotionPolicy
    public private(set) var isLaneDisabled = false
    public private(set) var clock = Timestamp.earliest
    /// How often each outcome lies on the log, by status.
    public private(set) var statuses: [ShadowTally.Count] = []
    private var records: [StrategyID: PromotionRecord] = [:]
    private var intents: [ShadowBook.Key: EvaluatedIntent] = [:]
    private var unanswered: [ShadowBook.Key] = []
    private var sweptAt = Timestamp.earliest

    public init(_ policy: PromotionPolicy = PromotionPolicy()) { self.policy = policy }

    public static let wanted: Set<EventType> = [
        .intents(.intentEmitted), .strategyShadow(.strategyShadowEvaluated), .strategyShadow(.strategyShadowFailed),
        .shadow(.shadowParityJudged), .control(.strategyEnabled), .control(.laneDisabled), .control(.laneEnabled),
    ]

    public func record(of strategy: StrategyID) -> PromotionRecord { records[strategy] ?? PromotionRecord(strategy) }

    /// By their names.
    public var strategies: [PromotionRecord] { records.sorted { $0.key < $1.key }.map(\.value) }

    public mutating func fold(_ event: Event, at position: RecordPosition?) {
        let envelope = event.envelope
        if case .control(let control) = event.content { return fold(control) }
        guard let account = envelope.account else { return }
        if envelope.ingestTime > clock {
            clock = envelope.ingestTime
            sweep()
        }
        switch event.content {
        case .intents(.intentEmitted(let intent)): fold(intent, envelope, account, at: position)
        case .strategyShadow(.strategyShadowEvaluated(let event)):
            guard answer(account, event.decisionHash, envelope) else { return }
            ShadowTally.add(event.parityStatus.rawValue, to: &statuses)
            records[event.strategyID, default: PromotionRecord(event.strategyID)].count(event)
        case .strategyShadow(.strategyShadowFailed(let event)):
            guard answer(account, event.decisionHash, envelope) else { return }
            ShadowTally.add(ParityStatus.error.rawValue, to: &statuses)
        case .shadow(.shadowParityJudged(let event)): fold(event, envelope, account)
        default: break
        }
    }

    private mutating func fold(_ control: Control) {
        switch control {
        case .laneDisabled(let event) where event.lane == .strategyShadowRuntime: isLaneDisabled = true
        case .laneEnabled(let event) where event.lane == .strategyShadowRuntime: isLaneDisabled = false
        case .strategyEnabled(let event):
            let known = records[event.strategyID]
            guard known?.definitionHash != event.definitionHash || known == nil else { return }
            // Another definition is another strategy: what was shown before says nothing of it.
            var fresh = PromotionRecord(event.strategyID)
            fresh.definitionHash = event.definitionHash
            fresh.definition = event.definitionJSON
            records[event.strategyID] = fresh
        default: break
        }
    }

    private mutating func change(
        _ account: AccountLabel, _ decision: DecisionHash, _ envelope: Envelope,
        _ change: (inout EvaluatedIntent) -> Void
    ) {
        let key = ShadowBook.Key(account: account, decision: decision)
        var row = intents[key] ?? EvaluatedIntent(account, decision, at: envelope.ingestTime)
        row.heardAt = max(row.heardAt, envelope.ingestTime)
        change(&row)
        intents[key] = row
    }

    private mutating func fold(
        _ intent: IntentEmitted, _ envelope: Envelope, _ account: AccountLabel, at position: RecordPosition?
    ) {
        guard let symbol = envelope.symbol, let position, intent.executionExpectedAdapter != .simulation else { return }
        let key = ShadowBook.Key(account: account, decision: intent.decisionHash)
        guard intents[key]?.question == nil, intents[key]?.isAnswered != true else { return }
        let cause = Cause(
            topic: position.source.topic, partition: position.source.partition, offset: position.offset)
        change(account, intent.decisionHash, envelope) {
            $0.question = EvaluatedIntent.Question(intent, envelope, symbol, at: cause)
        }
        unanswered.append(key)
    }

    /// False when it was answered before: the answer that was written first counts.
    private mutating func answer(_ account: AccountLabel, _ decision: DecisionHash?, _ envelope: Envelope) -> Bool {
        // One that names no decision is evidence too, of whoever else evaluates.
        guard let decision else { return true }
        let key = ShadowBook.Key(account: account, decision: decision)
        guard intents[key]?.isAnswered != true else { return false }
        change(account, decision, envelope) {
            $0.isAnswered = true
            $0.question = nil
        }
        return true
    }

    private mutating func fold(_ judged: ShadowParityJudged, _ envelope: Envelope, _ account: AccountLabel) {
        guard let strategy = judged.strategyID else { return }
        let known = intents[ShadowBook.Key(account: account, decision: judged.decisionHash)]
        guard judged.revision > known?.fillRevision ?? 0 else { return }
        records[strategy, default: PromotionRecord(strategy)].count(judged.parityStatus, insteadOf: known?.fill)
        change(account, judged.decisionHash, envelope) {
            $0.fill = judged.parityStatus
            $0.fillRevision = judged.revision
        }
    }

    /// What follows when this evaluation is counted too.
    public func governance(with event: StrategyShadowEvaluated) -> Governance {
        var record = record(of: event.strategyID)
        record.count(event)
        return record.governance(policy)
    }

    /// Intents that nobody evaluated yet and that are young enough, in the order they were emitted; each is given once.
    public mutating func takeUnanswered(at now: Timestamp) -> (intents: [EvaluatedIntent], tooOld: Int) {
        guard !unanswered.isEmpty else { return ([], 0) }
        defer { unanswered = [] }
        var (found, tooOld): ([EvaluatedIntent], Int) = ([], 0)
        for key in unanswered {
            guard let row = intents[key], !row.isAnswered, let question = row.question else { continue }
            if now.since(question.emittedAt) > policy.maximumAge { tooOld += 1 } else { found.append(row) }
        }
        return (found, tooOld)
    }

    private mutating func sweep() {
        guard clock.since(sweptAt) >= .seconds(60) else { return }
        sweptAt = clock
        let memory = policy.memory
        intents = intents.filter { clock.since($0.value.heardAt) <= memory }
    }
}

extension PromotionBook {
    public static func == (left: Self, right: Self) -> Bool { left.snapshot == right.snapshot }

    public func write(to writer: inout StateWriter) {
        var (clock, sweptAt, isLaneDisabled, statuses) = (clock, sweptAt, isLaneDisabled, statuses)
        writer.field("clock", &clock, "The latest moment.")
        writer.field("swept_at", &sweptAt, "When old ones were last forgotten.")
        writer.field("lane_disabled", &isLaneDisabled, "Whether the lane is disabled.")
        writer.list("statuses", &statuses, 0...1_024, "By status.")
        writer.rows(strategies)
        writer.rows(intents.sorted { $0.key < $1.key }.map(\.value))
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        self.init()
        try reader.field("clock", &clock, "The latest moment.")
        try reader.field("swept_at", &sweptAt, "When old ones were last forgotten.")
        try reader.field("lane_disabled", &isLaneDisabled, "Whether the lane is disabled.")
        try reader.list("statuses", &statuses, 0...1_024, "By status.")
        for record in try reader.rows(of: PromotionRecord.self) { records[record.strategyID] = record }
        for row in try reader.rows(of: EvaluatedIntent.self) {
            intents[ShadowBook.Key(account: row.account, decision: row.decision)] = row
        }
        resume()
    }

    /// The same state under other rules.
    public func under(_ policy: PromotionPolicy) -> PromotionBook {
        var book = PromotionBook(policy)
        (book.clock, book.sweptAt, book.isLaneDisabled) = (clock, sweptAt, isLaneDisabled)
        (book.statuses, book.records, book.intents) = (statuses, records, intents)
        book.resume()
        return book
    }

    /// What is to be done is found again in the rows: it is no part of the state.
    private mutating func resume() {
        unanswered = intents.filter { !$0.value.isAnswered && $0.value.question != nil }
            .sorted {
                ($0.value.question?.emittedAt ?? .earliest, $0.key) < (
                    $1.value.question?.emittedAt ?? .earliest, $1.key
                )
            }
            .map(\.key)
    }
}
