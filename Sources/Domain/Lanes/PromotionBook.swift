public import Core

/// All that the strategy lane knows from the log: intents that are to be evaluated, and the evidence of each strategy.
///
/// A fold that may take the same event twice: what the lane writes it folds at once, and reads it back later. What is
/// counted names the definition it counts for, so that it does not matter which topic was read first.
public struct PromotionBook: Snapshot {
    public static let foldName = "torghut.promotion.2"

    public let policy: PromotionPolicy
    public private(set) var isLaneDisabled = false
    public private(set) var clock = Timestamp.earliest
    /// How often each outcome lies on the log, by status.
    public private(set) var statuses: [ShadowTally.Count] = []
    /// As each strategy was enabled last.
    private var definitions: [StrategyID: StrategyDefinition] = [:]
    private var records: [PromotionRecord.Name: PromotionRecord] = [:]
    private var intents: [ShadowBook.Key: EvaluatedIntent] = [:]
    private var unanswered: [ShadowBook.Key] = []
    private var sweptAt = Timestamp.earliest
    /// When the last record was taken in.
    private var last = Timestamp.earliest

    public init(_ policy: PromotionPolicy = PromotionPolicy()) { self.policy = policy }

    public static let wanted: Set<EventType> = [
        .intents(.intentEmitted), .strategyShadow(.strategyShadowEvaluated), .strategyShadow(.strategyShadowFailed),
        .shadow(.shadowParityJudged), .control(.strategyEnabled), .control(.laneDisabled), .control(.laneEnabled),
    ]

    /// Of the definition in force, on this account alone.
    public func record(of strategy: StrategyID, on account: AccountLabel) -> PromotionRecord {
        record(PromotionRecord.Name(account, strategy, definitions[strategy]?.hash))
    }

    private func record(_ name: PromotionRecord.Name) -> PromotionRecord { records[name] ?? PromotionRecord(name) }

    /// By their names.
    public var strategies: [PromotionRecord] { records.sorted { $0.key < $1.key }.map(\.value) }

    /// What the strategy was enabled with last.
    public func definition(of strategy: StrategyID) -> StrategyDefinition? { definitions[strategy] }

    public mutating func fold(_ event: Event, at position: RecordPosition?) {
        let envelope = event.envelope
        if case .control(let control) = event.content { return fold(control) }
        guard let account = envelope.account else { return }
        clock = max(clock, envelope.ingestTime)
        // One record whose clock runs ahead forgets nothing: two in turn must agree.
        sweep(at: min(envelope.ingestTime, last))
        last = envelope.ingestTime
        switch event.content {
        case .intents(.intentEmitted(let intent)): fold(intent, envelope, account, at: position)
        case .strategyShadow(.strategyShadowEvaluated(let event)): fold(event, envelope, account)
        case .strategyShadow(.strategyShadowFailed(let event)):
            guard answer(account, event.decisionHash, envelope) else { return }
            ShadowTally.add(ParityStatus.error.rawValue, to: &statuses)
        case .shadow(.shadowParityJudged(let event)): fold(event, envelope, account)
        default: break
        }
    }

    private mutating func fold(_ control: Control) {
        switch control {
        case .laneDisabled(let event) where event.lane == .strategyShadowRuntime: isLaneDisabled = event.dryRun != true
        case .laneEnabled(let event) where event.lane == .strategyShadowRuntime: isLaneDisabled = false
        case .strategyEnabled(let event):
            definitions[event.strategyID] = StrategyDefinition(event)
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
        _ event: StrategyShadowEvaluated, _ envelope: Envelope, _ account: AccountLabel
    ) {
        // One that names no decision may be the same one again: it is no evidence.
        guard let decision = event.decisionHash, answer(account, decision, envelope) else { return }
        ShadowTally.add(event.parityStatus.rawValue, to: &statuses)
        let name = PromotionRecord.Name(account, event.strategyID, event.definitionHash)
        change(account, decision, envelope) { $0.evaluated = name }
        records[name, default: PromotionRecord(name)].count(event)
        // Its fill may have been judged before.
        guard let fill = intents[ShadowBook.Key(account: account, decision: decision)]?.fill else { return }
        records[name, default: PromotionRecord(name)].count(fill, insteadOf: nil)
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
        guard let decision else { return false }
        let key = ShadowBook.Key(account: account, decision: decision)
        guard intents[key]?.isAnswered != true else { return false }
        change(account, decision, envelope) {
            $0.isAnswered = true
            $0.question = nil
        }
        return true
    }

    private mutating func fold(_ judged: ShadowParityJudged, _ envelope: Envelope, _ account: AccountLabel) {
        let known = intents[ShadowBook.Key(account: account, decision: judged.decisionHash)]
        guard judged.revision > known?.fillRevision ?? 0 else { return }
        // A fill is evidence of the definition under which its intent was evaluated, and of no other.
        if let name = known?.evaluated {
            records[name, default: PromotionRecord(name)].count(judged.parityStatus, insteadOf: known?.fill)
        }
        change(account, judged.decisionHash, envelope) {
            $0.fill = judged.parityStatus
            $0.fillRevision = judged.revision
        }
    }

    /// What follows when this evaluation is counted too.
    public func governance(with event: StrategyShadowEvaluated, on account: AccountLabel) -> Governance {
        var record = record(PromotionRecord.Name(account, event.strategyID, event.definitionHash))
        record.count(event)
        return record.governance(policy)
    }

    /// Intents that nobody evaluated yet and that are young enough, in the order they were emitted; each is given once.
    public mutating func takeUnanswered(
        at now: Timestamp
    ) -> (intents: [EvaluatedIntent], tooOld: [EvaluatedIntent]) {
        guard !unanswered.isEmpty else { return ([], []) }
        defer { unanswered = [] }
        var (found, tooOld): ([EvaluatedIntent], [EvaluatedIntent]) = ([], [])
        for key in unanswered {
            guard let row = intents[key], !row.isAnswered, let question = row.question else { continue }
            if now.since(question.emittedAt) > policy.maximumAge { tooOld.append(row) } else { found.append(row) }
        }
        return (found, tooOld)
    }

    private mutating func sweep(at now: Timestamp) {
        guard now.since(sweptAt) >= .seconds(60) else { return }
        sweptAt = now
        let memory = policy.memory
        intents = intents.filter { now.since($0.value.heardAt) <= memory }
    }
}

extension PromotionBook {
    public static func == (left: Self, right: Self) -> Bool { left.snapshot == right.snapshot }

    public func write(to writer: inout StateWriter) {
        var (clock, last, sweptAt, isLaneDisabled, statuses) = (clock, last, sweptAt, isLaneDisabled, statuses)
        writer.field("clock", &clock, "The latest moment.")
        writer.field("last_at", &last, "When the last record was taken in.")
        writer.field("swept_at", &sweptAt, "When old ones were last forgotten.")
        writer.field("lane_disabled", &isLaneDisabled, "Whether the lane is disabled.")
        writer.list("statuses", &statuses, 0...1_024, "By status.")
        writer.rows(definitions.sorted { $0.key < $1.key }.map(\.value))
        writer.rows(strategies)
        writer.rows(intents.sorted { $0.key < $1.key }.map(\.value))
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        self.init()
        try reader.field("clock", &clock, "The latest moment.")
        try reader.field("last_at", &last, "When the last record was taken in.")
        try reader.field("swept_at", &sweptAt, "When old ones were last forgotten.")
        try reader.field("lane_disabled", &isLaneDisabled, "Whether the lane is disabled.")
        try reader.list("statuses", &statuses, 0...1_024, "By status.")
        for row in try reader.rows(of: StrategyDefinition.self) { definitions[row.strategyID] = row }
        for record in try reader.rows(of: PromotionRecord.self) { records[record.name] = record }
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
        book.definitions = definitions
        book.last = last
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
