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

    public static let types: Set<EventType> = [
        .route(.attemptPrepared), .route(.attemptAccepted), .route(.attemptRejected), .route(.attemptUnknown),
        .route(.attemptResolved), .route(.idsDiverged), .intents(.intentEmitted), .orderEvents(.brokerUpdateRecorded),
    ]

    private let since: Timestamp
    /// What a replacement costs and how long it takes is none of an order's.
    private var submits: Set<AttemptID> = []
    private var lines: [Symbol: [Adapter: Line]] = [:]
    private var arrivals: [DecisionHash: (price: Amount, side: Side)] = [:]
    private var takings: [DecisionHash: (adapter: Adapter, symbol: Symbol)] = [:]
    private var fills: [DecisionHash: Fill] = [:]

    /// Attempts that were prepared from this moment on.
    public init(since moment: Timestamp) { since = moment }

    public mutating func fold(_ event: Event) {
        let symbol = event.envelope.symbol ?? Symbol.blank
        switch event.content {
        case .route(let route): fold(route, symbol, isCounted: event.envelope.ingestTime >= since)
        case .intents(.intentEmitted(let intent)):
            let middle = intent.referenceQuote.flatMap { Amount.middle($0.bid, $0.ask) }
            guard let price = intent.arrivalPrice ?? middle, price > .zero else { return }
            arrivals[intent.decisionHash] = (price, intent.side)
        case .orderEvents(.brokerUpdateRecorded(let update)):
            guard let decision = update.decisionHash ?? update.clientOrderID.flatMap(DecisionHash.init(of:)),
                let average = update.avgFillPrice, let qty = update.filledQty, qty > fills[decision]?.qty ?? .zero
            else { return }
            fills[decision] = Fill(average: average, qty: qty)
        default: break
        }
    }

    private mutating func fold(_ route: Route, _ symbol: Symbol, isCounted: Bool) {
        guard isCounted else { return }
        func count(_ key: AttemptKey, _ evidence: RouteEvidence, _ change: (inout Line) -> Void) {
            guard submits.contains(key.attemptID) else { return }
            change(&lines[symbol, default: [:]][evidence.executionAdapter, default: Line()])
        }
        switch route {
        case .attemptPrepared(let event) where event.operation == .submit:
            submits.insert(event.key.attemptID)
            count(event.key, event.evidence) { $0.attempts += 1 }
        case .attemptAccepted(let event):
            takings[event.key.decisionHash] = (event.evidence.executionAdapter, symbol)
            count(event.key, event.evidence) { line in
                line.accepted += 1
                if let latency = event.reply.latencyMicroseconds { line.latencies.append(Int128(latency)) }
            }
        case .attemptRejected(let event): count(event.key, event.evidence) { $0.refused += 1 }
        case .attemptUnknown(let event): count(event.key, event.evidence) { $0.unknown += 1 }
        case .attemptResolved(let event):
            guard event.resolution == .live else { return }
            takings[event.key.decisionHash] = (event.evidence.executionAdapter, symbol)
        default: break
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
