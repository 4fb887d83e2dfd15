public import Core

/// What one window holds, counted from the same intents throughout.
public struct CanaryCount: Sendable, Equatable {
    /// Intents that LEAN was asked for and of which it is decided whether they fell back.
    public var decided: Int64 = 0
    public var fellBack: Int64 = 0
    /// Whether there were more than are remembered: then it is counted of the latest.
    public var isTruncated = false
    /// Of those without a decision: in neither number, unless they are overdue; then they count as fallen back.
    public var pending: Int64 = 0
    public var overdue: Int64 = 0
    /// Attempts of which it is known whether they failed, and those that did.
    public var attempted: Int64 = 0
    public var failed: Int64 = 0
    public var shadowed: Int64 = 0
    public var drifted: Int64 = 0
    /// Costs in millionths of a basis point and finer: exact units, sorted.
    public var leanCosts: [Int128] = []
    public var alpacaCosts: [Int128] = []
    public var reasons: [Code: Int64] = [:]
    public var fallbackSymbols: Set<Symbol> = []
    public var failedSymbols: Set<Symbol> = []
    public var driftedSymbols: Set<Symbol> = []
    /// When the last fact came that speaks against LEAN, by limit.
    public var evidence: [BreachType: Timestamp] = [:]

    static let overdueReason = Code(trusted: "overdue")
    static let refusedReason = Code(trusted: "no_fallback_allowed")

    public init(
        _ fold: CanaryFold, _ terms: CanaryTerms, from start: Timestamp, to end: Timestamp, at moment: Timestamp
    ) {
        let scope = CanaryScope(terms)
        isTruncated = fold.isTruncated(since: start, terms)
        let limit = Duration.microseconds(terms.pendingLimitMicroseconds)
        fold.eachIntent { intent in
            guard intent.preparedAt >= start, intent.preparedAt < end, intent.tradingMode == terms.tradingMode,
                scope.includes(intent.symbol, intent.account)
            else { return }
            let isOverdue = moment.since(intent.preparedAt) > limit
            count(intent, overdueAt: isOverdue ? intent.preparedAt.advanced(by: limit) ?? .latest : nil)
        }
        if terms.driftRatioLimit != nil {
            fold.eachShadow { shadow, arrival in
                guard shadow.madeAt >= start, shadow.madeAt < end, arrival.tradingMode == terms.tradingMode,
                    scope.includes(shadow.symbol, shadow.account), let isDrift = shadow.isDrift
                else { return }
                shadowed += 1
                if isDrift {
                    drifted += 1
                    driftedSymbols.insert(shadow.symbol)
                    speak(.parityMismatch, shadow.madeAt)
                }
            }
        }
        guard terms.slippageLimitBps != nil else { return }
        fold.eachFill { fill, arrival, adapter in
            guard fill.madeAt >= start, fill.madeAt < end, arrival.tradingMode == terms.tradingMode,
                scope.includes(fill.symbol, fill.account),
                let cost = Slippage.basisPoints(fill.average, against: arrival.price, arrival.side)
            else { return }
            if adapter == .lean {
                leanCosts.append(cost.units)
                speak(.slippageExceeded, fill.madeAt)
            }
            if adapter == .alpaca { alpacaCosts.append(cost.units) }
        }
        leanCosts.sort()
        alpacaCosts.sort()
    }

    private mutating func speak(_ breach: BreachType, _ moment: Timestamp) {
        evidence[breach] = max(evidence[breach] ?? moment, moment)
    }

    private mutating func count(_ intent: CanaryIntent, overdueAt: Timestamp?) {
        switch intent.outcome {
        case .withheld: return
        case .kept: decided += 1
        case .fellBack: fallBack(intent, intent.reason, intent.endedAt)
        case .pending where overdueAt != nil:
            overdue += 1
            fallBack(intent, Self.overdueReason, overdueAt)
        case .pending: pending += 1
        case .withdrawn: break
        }
        if let failedAt = intent.failedAt {
            failed += 1
            failedSymbols.insert(intent.symbol)
            speak(.errorRateExceeded, failedAt)
        }
        // One that was withdrawn before anything is known of it says nothing of LEAN.
        if intent.failedAt != nil || intent.outcome == .kept || intent.outcome == .fellBack { attempted += 1 }
    }

    private mutating func fallBack(_ intent: CanaryIntent, _ reason: Code?, _ moment: Timestamp?) {
        decided += 1
        fellBack += 1
        reasons[reason ?? Code(trusted: "unknown"), default: 0] += 1
        fallbackSymbols.insert(intent.symbol)
        if let moment { speak(.fallbackRatioExceeded, moment) }
    }
}

/// Whose intents count.
struct CanaryScope {
    private let cryptoOnly: Bool
    private let symbols: Set<Symbol>
    private let accounts: Set<AccountLabel>

    init(_ terms: CanaryTerms) {
        cryptoOnly = terms.cryptoOnly
        symbols = Set(terms.symbols)
        accounts = Set(terms.accounts)
    }

    func includes(_ symbol: Symbol, _ account: AccountLabel?) -> Bool {
        if cryptoOnly, AssetClass(of: symbol) != .crypto { return false }
        if !symbols.isEmpty, !symbols.contains(symbol) { return false }
        return accounts.isEmpty || account.map(accounts.contains) ?? false
    }
}

/// How much worse a fill is than the price at which it was decided.
public enum Slippage {
    /// A cost when positive.
    public static func basisPoints(_ average: Amount, against price: Amount, _ side: Side) -> Amount? {
        let (more, overflow) = average.units.subtractingReportingOverflow(price.units)
        guard !overflow, more != .min else { return nil }
        let isBuy = side == .buy
        return ExactQuotient.of(isBuy ? more : -more, times: 10_000 * 1_000_000_000, over: price.units)
            .map(Amount.init(units:))
    }

    /// The nearest rank: the smallest of sorted costs that so many per hundred do not exceed.
    public static func percentile(_ percent: Int, of sorted: [Int128]) -> Amount? {
        guard !sorted.isEmpty else { return nil }
        let rank = (sorted.count * percent + 99) / 100
        return Amount(units: sorted[max(1, rank) - 1])
    }
}
