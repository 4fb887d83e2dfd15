public import Core

/// All that the shadow lane knows from the log: live intents, what was answered of them, and what became of them.
///
/// A fold that may take the same event twice: what the lane writes it folds at once, and reads it back later.
public struct ShadowBook: Snapshot {
    public static let foldName = "torghut.shadow.3"

    /// Names one intent: the same hash of another account is another.
    struct Key: Hashable, Comparable {
        let account: AccountLabel
        let decision: DecisionHash

        static func < (left: Key, right: Key) -> Bool {
            left.account == right.account ? left.decision < right.decision : left.account < right.account
        }
    }

    public let policy: ShadowPolicy
    public private(set) var tally = ShadowTally()
    /// Whether the lane is disabled at runtime.
    public private(set) var isLaneDisabled = false
    public private(set) var clock = Timestamp.earliest
    private var intents: [Key: ShadowedIntent] = [:]
    /// Those that nobody answered, in the order they were emitted; some may be answered by now.
    private var unanswered: [Key] = []
    /// Those of which something was heard since they were judged.
    private var touched: [Key] = []
    /// Those whose time runs, in the order in which it ends.
    private var running: [(end: Timestamp, key: Key)] = []
    private var sweptAt = Timestamp.earliest
    /// When the last record was taken in.
    private var last = Timestamp.earliest

    public init(_ policy: ShadowPolicy = ShadowPolicy()) { self.policy = policy }

    public static let wanted: Set<EventType> = [
        .intents(.intentEmitted), .route(.attemptAccepted), .route(.attemptRejected), .route(.attemptResolved),
        .route(.intentWithdrawn), .orderEvents(.brokerUpdateRecorded),
        .orderEvents(.orderSnapshotObserved), .shadow(.shadowSimulated), .shadow(.shadowFailed),
        .shadow(.shadowParityJudged), .control(.laneDisabled), .control(.laneEnabled),
    ]

    public var count: Int { intents.count }

    /// Orders that are known of one intent.
    public func orders(_ account: AccountLabel, _ decision: DecisionHash) -> Int {
        intents[Key(account: account, decision: decision)]?.orders.count ?? 0
    }

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
        case .route(.attemptAccepted(let accepted)):
            change(account, accepted.key.decisionHash, envelope) { row in
                row.adapter = accepted.evidence.executionAdapter
                row.change(accepted.key.clientOrderID, accepted.alpacaOrderID) {
                    $0.fold(accepted, at: envelope.eventTime)
                }
            }
        case .route(let route):
            // Nobody else tries it: there will be no order whose fill could be held against the simulation.
            guard let decision = route.refused else { return }
            change(account, decision, envelope) { $0.isRefused = true }
        case .orderEvents(.brokerUpdateRecorded(let update)):
            guard let decision = update.decisionHash else { return }
            change(account, decision, envelope) { row in
                row.change(update.clientOrderID, update.alpacaOrderID) { $0.fold(update, at: envelope.eventTime) }
            }
        case .orderEvents(.orderSnapshotObserved(let snapshot)):
            guard let decision = snapshot.order.decision else { return }
            change(account, decision, envelope) { row in
                row.change(snapshot.order.clientOrderID, snapshot.order.alpacaOrderID) { $0.fold(snapshot) }
            }
        case .shadow(let shadow): fold(shadow, envelope, account)
        default: break
        }
    }

    private mutating func fold(_ control: Control) {
        switch control {
        case .laneDisabled(let event) where event.lane == .liveShadowExecution: isLaneDisabled = event.dryRun != true
        case .laneEnabled(let event) where event.lane == .liveShadowExecution: isLaneDisabled = false
        default: break
        }
    }

    private mutating func change(
        _ account: AccountLabel, _ decision: DecisionHash, _ envelope: Envelope,
        _ change: (inout ShadowedIntent) -> Void
    ) {
        let key = Key(account: account, decision: decision)
        var row = intents[key] ?? ShadowedIntent(account, decision, at: envelope.ingestTime)
        row.heardAt = max(row.heardAt, envelope.ingestTime)
        change(&row)
        if row.answer?.price != nil { touched.append(key) }
        intents[key] = row
    }

    private mutating func fold(
        _ intent: IntentEmitted, _ envelope: Envelope, _ account: AccountLabel, at position: RecordPosition?
    ) {
        guard let symbol = envelope.symbol, let position, intent.executionExpectedAdapter != .simulation else { return }
        let cause = Cause(
            topic: position.source.topic, partition: position.source.partition, offset: position.offset)
        let key = Key(account: account, decision: intent.decisionHash)
        guard intents[key]?.question == nil else { return }
        change(account, intent.decisionHash, envelope) {
            $0.question = ShadowedIntent.Question(intent, envelope, symbol, at: cause)
        }
        if intents[key]?.answer == nil { unanswered.append(key) } else { run(key) }
    }

    private mutating func fold(_ shadow: Shadow, _ envelope: Envelope, _ account: AccountLabel) {
        switch shadow {
        case .shadowSimulated(let event):
            let isEvidence = event.authorityMode != .deterministicScaffold && event.parityStatus == .unknown
            answer(account, event.decisionHash, envelope) {
                $0.count(event)
                return ShadowedIntent.Answer(
                    envelope.eventID, price: isEvidence ? event.simulatedFillPrice : nil, isEvidence: isEvidence)
            }
        case .shadowFailed(let event):
            answer(account, event.decisionHash, envelope) {
                $0.count(event)
                return ShadowedIntent.Answer(envelope.eventID, price: nil, isEvidence: false)
            }
        case .shadowParityJudged(let event):
            let known = intents[Key(account: account, decision: event.decisionHash)]?.judgement
            guard known.map({ $0.revision < event.revision }) ?? true else { return }
            tally.count(event)
            change(account, event.decisionHash, envelope) {
                $0.judgement = ShadowedIntent.Judged(envelope.eventID, event)
            }
        }
    }

    /// The answer that was written first counts.
    private mutating func answer(
        _ account: AccountLabel, _ decision: DecisionHash, _ envelope: Envelope,
        _ answer: (inout ShadowTally) -> ShadowedIntent.Answer
    ) {
        let key = Key(account: account, decision: decision)
        guard intents[key]?.answer == nil else { return }
        let answer = answer(&tally)
        change(account, decision, envelope) { $0.answer = answer }
        if intents[key]?.question != nil, answer.price != nil { run(key) }
    }
}

/// What is to be done.
extension ShadowBook {
    /// Intents that nobody answered yet and that are young enough, in the order they were emitted; each is given once.
    ///
    /// With it those that are too old: nobody asks for them any more.
    public mutating func takeUnanswered(
        at now: Timestamp
    ) -> (intents: [ShadowedIntent], tooOld: [ShadowedIntent]) {
        guard !unanswered.isEmpty else { return ([], []) }
        defer { unanswered = [] }
        var (found, tooOld): ([ShadowedIntent], [ShadowedIntent]) = ([], [])
        for key in unanswered {
            guard let row = intents[key], row.answer == nil, let question = row.question else { continue }
            if now.since(question.emittedAt) > policy.maximumAge { tooOld.append(row) } else { found.append(row) }
        }
        return (found, tooOld)
    }

    /// What can be judged by now: whatever moved since the last time, and whose time is over.
    public mutating func takeJudgements(at now: Timestamp) -> [(intent: ShadowedIntent, event: ShadowParityJudged)] {
        var keys = touched
        touched = []
        var late = 0
        while late < running.count {
            guard running[late].end <= now else { break }
            keys.append(running[late].key)
            late += 1
        }
        if late > 0 { running.removeFirst(late) }
        var (seen, found): (Set<Key>, [(ShadowedIntent, ShadowParityJudged)]) = ([], [])
        for key in keys where seen.insert(key).inserted {
            guard let row = intents[key], let event = ShadowJudge.judge(row, at: now, policy) else { continue }
            found.append((row, event))
        }
        return found
    }

    /// Whether the log already has an answer of this intent.
    public func isAnswered(_ account: AccountLabel, _ decision: DecisionHash) -> Bool {
        intents[Key(account: account, decision: decision)]?.answer != nil
    }

    private mutating func sweep(at now: Timestamp) {
        guard now.since(sweptAt) >= .seconds(60) else { return }
        sweptAt = now
        let memory = policy.memory
        var silent: [Key] = []
        for (key, row) in intents where now.since(row.heardAt) > memory {
            // An order that rests may still be filled, however long it rests.
            if row.isOpen { silent.append(key) } else { intents[key] = nil }
        }
        guard silent.count > policy.maximumOpen else { return }
        let byAge = silent.sorted {
            (intents[$0]?.heardAt ?? .earliest, $0) < (intents[$1]?.heardAt ?? .earliest, $1)
        }
        for key in byAge.prefix(silent.count - policy.maximumOpen) { intents[key] = nil }
    }

    /// Keeps those whose time runs in the order in which it ends.
    private mutating func run(_ key: Key) {
        guard let question = intents[key]?.question else { return }
        let end = ShadowJudge.deadline(of: question, policy)
        var (low, high) = (0, running.count)
        while low < high {
            let middle = (low + high) / 2
            if running[middle].end <= end { low = middle + 1 } else { high = middle }
        }
        running.insert((end, key), at: low)
    }
}

extension ShadowBook {
    public static func == (left: Self, right: Self) -> Bool { left.snapshot == right.snapshot }

    public func write(to writer: inout StateWriter) {
        var (tally, clock, last, sweptAt, isLaneDisabled) = (tally, clock, last, sweptAt, isLaneDisabled)
        tally.walk(&writer)
        writer.field("clock", &clock, "The latest moment.")
        writer.field("last_at", &last, "When the last record was taken in.")
        writer.field("swept_at", &sweptAt, "When old ones were last forgotten.")
        writer.field("lane_disabled", &isLaneDisabled, "Whether the lane is disabled.")
        writer.rows(intents.sorted { $0.key < $1.key }.map(\.value))
    }

    public init(from reader: inout StateReader) throws(StateFault) { try self.init(from: &reader, ShadowPolicy()) }

    /// What is to be done is found again in the rows: it is no part of the state.
    init(from reader: inout StateReader, _ policy: ShadowPolicy) throws(StateFault) {
        self.init(policy)
        tally = try ShadowTally.filled(by: &reader)
        try reader.field("clock", &clock, "The latest moment.")
        try reader.field("last_at", &last, "When the last record was taken in.")
        try reader.field("swept_at", &sweptAt, "When old ones were last forgotten.")
        try reader.field("lane_disabled", &isLaneDisabled, "Whether the lane is disabled.")
        let rows = try reader.rows(of: ShadowedIntent.self)
        for row in rows { intents[Key(account: row.account, decision: row.decision)] = row }
        resume(rows)
    }

    /// The same state under other rules of judging.
    public func under(_ policy: ShadowPolicy) -> ShadowBook {
        var book = ShadowBook(policy)
        (book.tally, book.clock, book.sweptAt, book.isLaneDisabled) = (tally, clock, sweptAt, isLaneDisabled)
        book.intents = intents
        book.last = last
        book.resume(intents.sorted { $0.key < $1.key }.map(\.value))
        return book
    }

    private mutating func resume(_ rows: [ShadowedIntent]) {
        (unanswered, touched, running) = ([], [], [])
        let byEmission = rows.filter { $0.question != nil }
            .sorted { $0.question?.emittedAt ?? .earliest < $1.question?.emittedAt ?? .earliest }
        for row in byEmission {
            let key = Key(account: row.account, decision: row.decision)
            if row.answer == nil { unanswered.append(key) }
            guard row.answer?.price != nil else { continue }
            touched.append(key)
            if row.judgement == nil { run(key) }
        }
    }
}

extension Route {
    /// The decision of an intent that ends without an order at the broker.
    fileprivate var refused: DecisionHash? {
        switch self {
        case .attemptRejected(let event): event.fallbackAllowed ? nil : event.key.decisionHash
        case .attemptResolved(let event): event.resolution == .rejected ? event.key.decisionHash : nil
        case .intentWithdrawn(let event): event.decisionHash
        default: nil
        }
    }
}
