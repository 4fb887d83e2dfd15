public import Core

/// A step of the rollout, with all that can take it back.
public struct RolloutStepTaken: Payload {
    @inlinable public static var type: EventType { .canary(.rolloutStepTaken) }

    public var rolloutID: Label
    public var step: Int64
    public var phase: RolloutPhase
    public var lane: Lane
    public var scopeSymbols: [Symbol]
    public var scopeAccounts: [AccountLabel]
    public var scopeShare: Amount
    public var stopCondition: Prose
    public var rollbackTrigger: Prose
    public var fallbackRatioLimit: Amount
    public var actor: ActorName
    public var reason: Prose
    public var previousPhase: RolloutPhase?
    public var policyHash: ContentHash?
    public var evidenceJSON: CompactJSON?

    @inlinable
    public init(
        rolloutID: Label, step: Int64, phase: RolloutPhase, lane: Lane, scopeSymbols: [Symbol],
        scopeAccounts: [AccountLabel], scopeShare: Amount, stopCondition: Prose, rollbackTrigger: Prose,
        fallbackRatioLimit: Amount, actor: ActorName, reason: Prose,
        previousPhase: RolloutPhase? = nil, policyHash: ContentHash? = nil, evidenceJSON: CompactJSON? = nil
    ) {
        self.rolloutID = rolloutID
        self.step = step
        self.phase = phase
        self.lane = lane
        self.scopeSymbols = scopeSymbols
        self.scopeAccounts = scopeAccounts
        self.scopeShare = scopeShare
        self.stopCondition = stopCondition
        self.rollbackTrigger = rollbackTrigger
        self.fallbackRatioLimit = fallbackRatioLimit
        self.actor = actor
        self.reason = reason
        self.previousPhase = previousPhase
        self.policyHash = policyHash
        self.evidenceJSON = evidenceJSON
    }

    @inlinable
    public init(unread: Unread) {
        rolloutID = unread()
        step = unread()
        phase = unread()
        lane = unread()
        scopeSymbols = unread()
        scopeAccounts = unread()
        scopeShare = unread()
        stopCondition = unread()
        rollbackTrigger = unread()
        fallbackRatioLimit = unread()
        actor = unread()
        reason = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("rollout_id", &rolloutID, "The rollout.")
        try fields.field("step", &step, "Its number, from 1.")
        try fields.field("phase", &phase, "What kind of step.")
        try fields.field("lane", &lane, "Which lane.")
        try fields.list("scope_symbols", &scopeSymbols, 0...256, "Symbols in scope.")
        try fields.list("scope_accounts", &scopeAccounts, 1...64, "Accounts in scope.")
        try fields.field("scope_share", &scopeShare, FieldNote("The share of intents in scope.", unit: "0 to 1"))
        try fields.field("stop_condition", &stopCondition, "When it must stop.")
        try fields.field("rollback_trigger", &rollbackTrigger, "What takes it back.")
        try fields.field(
            "fallback_ratio_limit", &fallbackRatioLimit, FieldNote("The limit that counts.", unit: "0 to 1"))
        try fields.field("actor", &actor, "Who took it.")
        try fields.field("reason", &reason, "Why.")
        try fields.field("previous_phase", &previousPhase, "The phase it was in before.")
        try fields.field("policy_hash", &policyHash, "The policy whose limits it was held against.")
        try fields.field("evidence_json", &evidenceJSON, "What was looked at.")
    }
}
