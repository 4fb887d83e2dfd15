internal import Core
internal import Domain
internal import Wire

/// One step of a rollout, with who took it and why.
public struct LeanRolloutStepRow: StoredRow {
    public static let table = TableName("lean_rollout_steps", .transitions, "The steps of LEAN's rollouts.")

    public var key = LogOffset()
    var eventID = EventID(high: 0, low: 0)
    var rollout = Label.blank
    var step: Int64 = 0
    var phase = RolloutPhase.paper
    var previous: RolloutPhase?
    var lane = Domain.Lane.execution
    var symbols = CompactJSON.emptyObject
    var accounts = CompactJSON.emptyObject
    var share = Amount.zero
    var stopCondition = ""
    var rollbackTrigger = ""
    var ratioLimit = Amount.zero
    var actor = ActorName.blank
    var reason = ""
    var policy: ContentHash?
    var evidence: CompactJSON?
    var createdAt = Moment.zero

    public init() {}

    init(_ it: RolloutStepTaken, _ event: Event, at offset: Int64) {
        key = LogOffset(offset)
        eventID = event.envelope.eventID
        rollout = it.rolloutID
        step = it.step
        phase = it.phase
        previous = it.previousPhase
        lane = it.lane
        symbols = EventEncoder.text(of: it.scopeSymbols)
        accounts = EventEncoder.text(of: it.scopeAccounts)
        share = it.scopeShare
        stopCondition = it.stopCondition.text
        rollbackTrigger = it.rollbackTrigger.text
        ratioLimit = it.fallbackRatioLimit
        actor = it.actor
        reason = it.reason.text
        policy = it.policyHash
        evidence = it.evidenceJSON
        createdAt = Moment(event.envelope.eventTime)
    }

    public mutating func walk<Walker: ColumnWalker & ~Copyable & ~Escapable>(
        _ columns: inout Walker
    ) throws(Walker.Failure) {
        try key.walk(&columns)
        try columns.column("event_id", &eventID, "The event.")
        try columns.text("rollout_id", &rollout, "The rollout.")
        try columns.column("step", &step, "Its number, from 1.")
        try columns.text("phase", &phase, "What kind of step.")
        try columns.text("previous_phase", &previous, "The phase it was in before.")
        try columns.text("lane", &lane, "Which lane.")
        try columns.column("scope_symbols", &symbols, "Symbols in scope; none means all.")
        try columns.column("scope_accounts", &accounts, "Accounts in scope.")
        try columns.column("scope_share", &share, ColumnNote("The share of intents in scope.", unit: "0 to 1"))
        try columns.column("stop_condition", &stopCondition, "When it must stop.")
        try columns.column("rollback_trigger", &rollbackTrigger, "What takes it back.")
        try columns.column("fallback_ratio_limit", &ratioLimit, ColumnNote("The limit that counts.", unit: "0 to 1"))
        try columns.text("actor", &actor, "Who took it.")
        try columns.column("reason", &reason, "Why.")
        try columns.text("policy_hash", &policy, "The policy whose limits it was held against.")
        try columns.column("evidence_json", &evidence, "What was looked at.")
        try columns.column("created_at", &createdAt, "When.")
    }
}
