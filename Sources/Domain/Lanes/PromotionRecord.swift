public import Core

/// What is known of one strategy under one definition on one account: counts of the log, and what follows from them.
public struct PromotionRecord: FieldRecord {
    /// Evidence of another account or definition is none of this one.
    public internal(set) var name: Name
    public internal(set) var passes: Int64 = 0
    public internal(set) var drifts: Int64 = 0
    public internal(set) var within: Int64 = 0
    public internal(set) var beyond: Int64 = 0
    public internal(set) var fillPasses: Int64 = 0
    public internal(set) var fillDrifts: Int64 = 0

    init(_ name: Name) { self.name = name }
    public init(unread: Unread) { name = unread() }

    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("name", &name, "Which.")
        try fields.field("passes", &passes, "Evaluations in which both were alike.")
        try fields.field("drifts", &drifts, "Evaluations in which they were not.")
        try fields.field("within", &within, "Evaluations within the limits.")
        try fields.field("beyond", &beyond, "Evaluations beyond them.")
        try fields.field("fill_passes", &fillPasses, "Fills that were as simulated.")
        try fields.field("fill_drifts", &fillDrifts, "Fills that were not.")
    }

    /// What evidence is counted for.
    public struct Name: FieldRecord, Hashable, Comparable {
        public internal(set) var account: AccountLabel
        public internal(set) var strategyID: StrategyID
        public internal(set) var definitionHash: ContentHash?

        init(_ account: AccountLabel, _ strategyID: StrategyID, _ definitionHash: ContentHash?) {
            self.account = account
            self.strategyID = strategyID
            self.definitionHash = definitionHash
        }

        public init(unread: Unread) {
            account = unread()
            strategyID = unread()
        }

        public static func < (left: Name, right: Name) -> Bool {
            if left.strategyID != right.strategyID { return left.strategyID < right.strategyID }
            if left.account != right.account { return left.account < right.account }
            return (left.definitionHash?.description ?? "") < (right.definitionHash?.description ?? "")
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("account_label", &account, "On which account.")
            try fields.field("strategy_id", &strategyID, "Which strategy.")
            try fields.field("definition_hash", &definitionHash, "Under which definition.")
        }
    }

    mutating func count(_ event: StrategyShadowEvaluated) {
        // A scaffold's answer is no evidence for anything.
        guard event.authorityMode != .deterministicScaffold else { return }
        switch event.parityStatus {
        case .pass: passes += 1
        case .drift: drifts += 1
        case .unknown, .inconclusive, .error, .blockedMissingEmpiricalAuthority: break
        }
        switch event.checksMet {
        case .yes: within += 1
        case .no: beyond += 1
        case .unknown, nil: break
        }
    }

    /// Counts a judged fill, and takes back what the judgement before it had counted.
    mutating func count(_ status: ParityStatus, insteadOf last: ParityStatus?) {
        if last == .pass { fillPasses -= 1 }
        if last == .drift { fillDrifts -= 1 }
        if status == .pass { fillPasses += 1 }
        if status == .drift { fillDrifts += 1 }
    }
}

extension PromotionRecord {
    /// Whether the strategy may be promoted, with all that it follows from; too little evidence is never a yes.
    public func governance(_ policy: PromotionPolicy) -> Governance {
        let parity = Self.score(passes, drifts)
        let limits = Self.score(within, beyond)
        let fills = Self.score(fillPasses, fillDrifts)
        let parityMet = Self.met(parity, of: passes + drifts, policy.minimumEvaluations, policy.parityMinimum)
        let limitsMet = Self.met(limits, of: within + beyond, policy.minimumEvaluations, policy.governanceMinimum)
        let fillsMet = Self.met(fills, of: fillPasses + fillDrifts, policy.minimumFills, policy.governanceMinimum)
        let reason: String? =
            switch (parityMet, limitsMet, fillsMet) {
            case (.unknown, _, _): "too_few_evaluations"
            case (.no, _, _): "parity_below_minimum"
            case (_, .unknown, _): "governance_not_measured"
            case (_, .no, _): "governance_below_minimum"
            case (_, _, .unknown): "too_few_fills"
            case (_, _, .no): "fill_parity_below_minimum"
            case (.yes, .yes, .yes): nil
            }
        return Governance(
            parityScore: parity, promotionReady: reason == nil, parityMinimumMet: parityMet,
            governanceMinimumMet: Self.both(limitsMet, fillsMet), blockingReason: reason.map { Code(trusted: $0) },
            evaluations: passes + drifts, governanceScore: limits, fills: fillPasses + fillDrifts, fillScore: fills)
    }

    private static func score(_ yes: Int64, _ no: Int64) -> Amount? {
        ExactQuotient.of(Int128(yes), times: UInt128(Amount.unitsPerOne), over: Int128(yes + no))
            .map(Amount.init(units:))
    }

    private static func met(_ score: Amount?, of count: Int64, _ least: Int64, _ minimum: Amount) -> TriState {
        guard count >= least else { return .unknown }
        // Nothing was asked for and nothing is there.
        guard let score else { return .yes }
        return score >= minimum ? .yes : .no
    }

    private static func both(_ left: TriState, _ right: TriState) -> TriState {
        switch (left, right) {
        case (.no, _), (_, .no): .no
        case (.yes, .yes): .yes
        default: .unknown
        }
    }
}
