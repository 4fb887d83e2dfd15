public import Core

/// All that decisions are judged by besides the policy: a fold of intents, routes, broker updates, account and control.
public struct DecisionState: Snapshot {
    public static let foldName = "torghut.decide.4"

    public internal(set) var control = ControlState()
    var accounts: [AccountLabel: AccountBook] = [:]
    var answers: AnswerBook
    var parity = ParityState()
    /// The latest moment that was folded: time never goes back, whatever a machine's clock does.
    public private(set) var clock = Timestamp.earliest
    private var nextForgetting = Timestamp.earliest

    /// The horizon must be that of the policy in force, or the snapshot of another one is no use: see `horizon`.
    public init(under policy: TradingPolicy) { answers = AnswerBook(horizon: Self.horizon(of: policy)) }

    /// How long answers are remembered: a decision older than this is stale, and never looked up.
    public static func horizon(of policy: TradingPolicy) -> Duration { policy.decisionTTL + policy.clockSkew * 2 }

    public var horizon: Duration { answers.horizon }
    public var rememberedAnswers: Int { answers.count }
    /// What stands against enabling strategies.
    public var parityState: ParityState { parity }
    public func answer(to decision: DecisionHash) -> EarlierAnswer? { answers[decision] }
    public func facts(of account: AccountLabel) -> AccountFacts? { accounts[account]?.facts }

    /// Closed orders and cooldowns are kept no longer than this.
    static let memory = Duration.seconds(7 * 86_400)

    /// Takes an event of any topic that the decider reads; the offset is that of its record.
    public mutating func fold(_ event: Event, at offset: Int64) {
        fold(DecisionFact(event), takenIn: event.envelope.ingestTime, at: offset)
    }

    /// The same of an event that was read only as far as this fold needs it.
    public mutating func fold(_ fact: DecisionFact, takenIn moment: Timestamp, at offset: Int64) {
        if moment > clock { advance(to: moment) }
        switch fact {
        case .moment: break
        case .answered(let answered): fold(answered)
        case .routed(let routed): fold(routed, at: moment)
        case .event(let event): fold(whole: event, at: offset)
        }
    }

    private mutating func fold(whole event: Event, at offset: Int64) {
        let envelope = event.envelope
        switch event.content {
        case .route(let route): parity.fold(route, envelope)
        case .account(.accountSnapshotObserved(let snapshot)):
            guard let account = envelope.account else { return }
            accounts[account, default: AccountBook()].observe(snapshot, at: offset)
        case .control(let change): control.fold(change, envelope, at: offset)
        case .canary(let canary): parity.fold(canary, envelope)
        case .decisions, .intents, .orderEvents, .shadow, .strategyShadow, .backtests, .heartbeats, .quarantine: break
        }
    }

    private mutating func advance(to moment: Timestamp) {
        clock = moment
        answers.forget(before: moment)
        guard moment >= nextForgetting else { return }
        nextForgetting = moment.advanced(by: .seconds(3600)) ?? .latest
        guard let limit = moment.advanced(by: .zero - Self.memory) else { return }
        // One account does not touch another: the order they are visited in does not show.
        for account in accounts.keys.sorted() { accounts[account]?.forget(before: limit) }
    }

    public func write(to writer: inout StateWriter) {
        var row = Head(clock: clock, nextForgetting: nextForgetting, horizon: horizon, control: control, parity: parity)
        row.walk(&writer)
        writer.number(UInt64(accounts.count))
        for account in accounts.keys.sorted() {
            var name = account
            writer.field("account", &name, "Whose.")
            accounts[account]?.write(to: &writer)
        }
        answers.write(to: &writer)
    }

    public init(from reader: inout StateReader) throws(StateFault) {
        let head = try Head.filled(by: &reader)
        (clock, nextForgetting, control, parity) = (head.clock, head.nextForgetting, head.control, head.parity)
        answers = AnswerBook(horizon: head.horizon)
        for _ in 0..<(try reader.number()) {
            var name = AccountLabel.blank
            try reader.field("account", &name, "Whose.")
            accounts[name] = try AccountBook(from: &reader)
        }
        try answers.read(from: &reader)
    }
}

extension DecisionState {
    /// What a snapshot begins with.
    private struct Head: FieldRecord {
        var clock: Timestamp
        var nextForgetting: Timestamp
        var horizonNanoseconds: Int64
        var control: ControlState
        var parity: ParityState

        var horizon: Duration { .nanoseconds(horizonNanoseconds) }

        init(
            clock: Timestamp, nextForgetting: Timestamp, horizon: Duration, control: ControlState, parity: ParityState
        ) {
            self.clock = clock
            self.nextForgetting = nextForgetting
            let parts = horizon.components
            horizonNanoseconds = parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
            self.control = control
            self.parity = parity
        }

        init(unread: Unread) {
            clock = unread()
            nextForgetting = unread()
            horizonNanoseconds = unread()
            control = unread()
            parity = unread()
        }

        mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("clock", &clock, "The latest moment.")
            try fields.field("next_forgetting", &nextForgetting, "When old things are forgotten.")
            try fields.field("horizon", &horizonNanoseconds, "How long answers are kept.")
            try fields.field("control", &control, "Control.")
            try fields.field("parity", &parity, "Parity of the routes.")
        }
    }
}
