public import Core

/// What LEAN's orders cost and how long they took, beside Alpaca's: from the log alone.
public struct RouteComparison: Sendable {
    /// One adapter's orders of one symbol, or of all.
    public struct Line: Sendable, Equatable {
        public var attempts: Int64 = 0
        public var accepted: Int64 = 0
        /// Refused by the broker, or by the adapter itself.
        public var refused: Int64 = 0
        public var unknown: Int64 = 0
        public var filled: Int64 = 0
        var latencies: [Int128] = []
        var costs: [Int128] = []
        var cost: Int128 = 0
        var notional: Int128 = 0

        public func slippage(_ percent: Int) -> Amount? { Slippage.percentile(percent, of: costs) }
        /// In microseconds.
        public func latency(_ percent: Int) -> Int64? {
            Slippage.percentile(percent, of: latencies).flatMap { Int64(exactly: $0.units) }
        }
        /// All that was lost against the prices at which it was decided, of all that was bought and sold.
        public var shortfallBps: Amount? {
            notional > 0
                ? ExactQuotient.of(cost, times: 10_000 * 1_000_000_000, over: notional).map(Amount.init(units:)) : nil
        }
        public var rejectRatio: Amount? { attempts > 0 ? Amount(refused).over(Amount(attempts)) : nil }

        mutating func add(_ other: Line) {
            attempts += other.attempts
            accepted += other.accepted
            refused += other.refused
            unknown += other.unknown
            filled += other.filled
            latencies += other.latencies
            costs += other.costs
            cost += other.cost
            notional += other.notional
        }
    }

    /// A symbol's two routes; `nil` is the total.
    public struct Pair: Sendable {
        public let symbol: Symbol?
        public let lean: Line
        public let alpaca: Line

        /// How much worse LEAN's 95th percentile is.
        public var slippageP95: Amount? { Self.worse(lean.slippage(95), alpaca.slippage(95)) }
        public var shortfall: Amount? { Self.worse(lean.shortfallBps, alpaca.shortfallBps) }

        private static func worse(_ lean: Amount?, _ alpaca: Amount?) -> Amount? {
            lean.flatMap { lean in alpaca.map { lean.less($0) } }
        }
    }

    private struct Fill {
        var average: Amount
        var qty: Amount
    }

    private struct Judged {
        let revision: Int64
        let status: ParityStatus
    }

    public static let types: Set<EventType> = [
        .route(.attemptPrepared), .route(.attemptAccepted), .route(.attemptRejected), .route(.attemptUnknown),
        .route(.attemptResolved), .route(.idsDiverged), .intents(.intentEmitted), .orderEvents(.brokerUpdateRecorded),
        .shadow(.shadowParityJudged),
    ]

    private let since: Timestamp
    private let mode: TradingMode
    private let scope: CanaryScope?
    /// What a replacement costs and how long it takes is none of an order's.
    private var submits: Set<AttemptID> = []
    private var lines: [Symbol: [Adapter: Line]] = [:]
    private var arrivals: [DecisionHash: (price: Amount, side: Side)] = [:]
    private var takings: [DecisionHash: (adapter: Adapter, symbol: Symbol)] = [:]
    private var fills: [DecisionHash: Fill] = [:]
    private var judged: [DecisionHash: Judged] = [:]
    private var inMode: Set<DecisionHash> = []

    /// An order is decided no longer than this before it is sent.
    private static let lead = Duration.seconds(86_400)

    /// Attempts that were prepared from this moment on, with this money; of all, or of what the canary's scope holds.
    public init(since moment: Timestamp, _ mode: TradingMode, within terms: CanaryTerms? = nil) {
        since = moment
        self.mode = mode
        scope = terms.map(CanaryScope.init)
    }

    public mutating func fold(_ event: Event) {
        let (envelope, moment) = (event.envelope, event.envelope.ingestTime)
        guard moment >= since.advanced(by: .zero - Self.lead) ?? .earliest else { return }
        let symbol = envelope.symbol ?? Symbol.blank
        if let scope, !scope.includes(symbol, envelope.account) { return }
        switch event.content {
        case .route(let route): if moment >= since { fold(route, symbol) }
        case .intents(.intentEmitted(let intent)):
            guard intent.judgement.tradingMode == mode else { return }
            inMode.insert(intent.decisionHash)
            let middle = intent.referenceQuote.flatMap { Amount.middle($0.bid, $0.ask) }
            guard let price = intent.arrivalPrice ?? middle, price > .zero else { return }
            arrivals[intent.decisionHash] = (price, intent.side)
        case .orderEvents(.brokerUpdateRecorded(let update)):
            guard let decision = update.decisionHash ?? update.clientOrderID.flatMap(DecisionHash.init(of:)),
                let average = update.avgFillPrice, let qty = update.filledQty, qty > fills[decision]?.qty ?? .zero
            else { return }
            fills[decision] = Fill(average: average, qty: qty)
        case .shadow(.shadowParityJudged(let said)):
            guard moment >= since, said.revision > judged[said.decisionHash]?.revision ?? 0 else { return }
            judged[said.decisionHash] = Judged(revision: said.revision, status: said.parityStatus)
        default: break
        }
    }

    private mutating func fold(_ route: Route, _ symbol: Symbol) {
        func count(_ key: AttemptKey, _ evidence: RouteEvidence, _ change: (inout Line) -> Void) {
            guard submits.contains(key.attemptID) else { return }
            change(&lines[symbol, default: [:]][evidence.executionAdapter, default: Line()])
        }
        switch route {
        case .attemptPrepared(let event) where event.operation == .submit && event.tradingMode == mode:
            submits.insert(event.key.attemptID)
            count(event.key, event.evidence) { $0.attempts += 1 }
        case .attemptAccepted(let event):
            guard submits.contains(event.key.attemptID) else { return }
            takings[event.key.decisionHash] = (event.evidence.executionAdapter, symbol)
            count(event.key, event.evidence) { line in
                line.accepted += 1
                if let latency = event.reply.latencyMicroseconds { line.latencies.append(Int128(latency)) }
            }
        case .attemptRejected(let event): count(event.key, event.evidence) { $0.refused += 1 }
        case .attemptUnknown(let event): count(event.key, event.evidence) { $0.unknown += 1 }
        case .attemptResolved(let event):
            guard event.resolution == .live, submits.contains(event.key.attemptID) else { return }
            takings[event.key.decisionHash] = (event.evidence.executionAdapter, symbol)
        default: break
        }
    }

    /// What the fills of intents came to beside their shadows: the last word on each, of those that say something.
    public struct Shadows: Sendable, Equatable {
        public var judged: Int64 = 0
        public var drifted: Int64 = 0

        public init() {}

        public var driftRatio: Amount? { judged > 0 ? Amount(drifted).over(Amount(judged)) : nil }
    }

    public var shadows: Shadows {
        judged.reduce(into: Shadows()) { shadows, row in
            guard inMode.contains(row.key), row.value.status == .pass || row.value.status == .drift else { return }
            shadows.judged += 1
            if row.value.status == .drift { shadows.drifted += 1 }
        }
    }

    /// Every symbol by its name, and the total last.
    public func pairs() -> [Pair] {
        var lines = lines
        for (decision, fill) in fills {
            guard let taking = takings[decision], let arrival = arrivals[decision],
                let cost = Slippage.basisPoints(fill.average, against: arrival.price, arrival.side),
                let paid = Amount.exactProduct(fill.average, fill.qty),
                let then = Amount.exactProduct(arrival.price, fill.qty)
            else { continue }
            var line = lines[taking.symbol]?[taking.adapter] ?? Line()
            line.filled += 1
            line.costs.append(cost.units)
            line.cost += arrival.side == .buy ? paid - then : then - paid
            line.notional += then
            lines[taking.symbol, default: [:]][taking.adapter] = line
        }
        var (lean, alpaca) = (Line(), Line())
        var pairs: [Pair] = []
        for (symbol, routes) in lines.sorted(by: { $0.key < $1.key }) {
            let (left, right) = (routes[.lean] ?? Line(), routes[.alpaca] ?? Line())
            lean.add(left)
            alpaca.add(right)
            pairs.append(Pair(symbol: symbol, lean: Self.sorted(left), alpaca: Self.sorted(right)))
        }
        return pairs + [Pair(symbol: nil, lean: Self.sorted(lean), alpaca: Self.sorted(alpaca))]
    }

    private static func sorted(_ line: Line) -> Line {
        var line = line
        line.latencies.sort()
        line.costs.sort()
        return line
    }
}
