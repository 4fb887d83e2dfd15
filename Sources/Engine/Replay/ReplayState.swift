internal import Core

/// A replay under way.
struct ReplayState {
    /// What is kept for each symbol.
    struct Lane {
        var indicators = Indicators()
        var standing: QuoteMatching?
        var builder: BarBuilder
        var orders: [WorkingOrder] = []
        let strategies: [Strategy]
    }

    let settings: ReplaySettings
    let pricing: Pricing
    let latency: LatencyDraw
    let isQuoted: [Bool]
    let buildsBars: [Bool]
    let script: [ScriptedOrder]
    var scripted = 0
    var lanes: [Lane]
    var holdings: Holdings
    var result: ReplayResult
    var numbers = 0

    init(_ replay: Replay) {
        settings = replay.settings
        pricing = Pricing(replay.settings)
        latency = LatencyDraw(range: replay.settings.latency, seed: replay.settings.latencySeed)
        let tape = replay.tape
        isQuoted = tape.isQuoted
        buildsBars = tape.symbols.indices.map { tape.isQuoted[$0] && !tape.hasBars[$0] }
        script = replay.script
        lanes = tape.symbols.indices.map { symbol in
            Lane(
                builder: BarBuilder(timeframe: replay.settings.timeframe),
                strategies: replay.strategies.filter { $0.symbols.contains(symbol) })
        }
        holdings = Holdings(replay.settings, symbols: tape.symbols.count)
        result = ReplayResult(
            curve: EquityCurve(
                from: replay.settings.initialCash, expecting: tape.entries.count,
                points: replay.settings.equityPoints))
    }

    mutating func take(_ entry: MarketTape.Entry) throws(Amount.ArithmeticFault) {
        let time = entry.item.time
        submitScript(until: time)
        switch entry.item {
        case .quote(let quote):
            result.counts.quotes += 1
            try take(quote, of: entry.symbol)
        case .bar(let bar):
            result.counts.bars += 1
            try take(bar, of: entry.symbol)
        }
        if result.first == nil { result.first = time }
        result.last = time
        result.counts.events += 1
        try result.curve.mark(time, equity: holdings.equity(), exposure: holdings.exposure)
    }

    private mutating func take(_ quote: Quote, of symbol: Int) throws(Amount.ArithmeticFault) {
        if buildsBars[symbol], let bar = lanes[symbol].builder.add(quote) {
            // The bar was over at its end, not only when this quote proved it.
            try decide(symbol, closing: bar)
        }
        try workStanding(symbol, before: quote.time)
        var matching = try QuoteMatching(quote, settings, pricing)
        if !lanes[symbol].orders.isEmpty {
            try workOrders(symbol) { order throws(Amount.ArithmeticFault) in
                guard order.arrives <= quote.time, !Self.expire(&order, at: quote.time) else { return nil }
                return try matching.work(&order, at: quote.time)
            }
        }
        lanes[symbol].standing = matching
        try holdings.mark(symbol, at: quote.middle)
    }

    /// Orders that reach the market between two quotes meet the one that stands; where none does, or one too old, an
    /// immediate order is let go and the others wait.
    private mutating func workStanding(_ symbol: Int, before time: Timestamp) throws(Amount.ArithmeticFault) {
        guard !lanes[symbol].orders.isEmpty else { return }
        var standing = lanes[symbol].standing
        let from = standing?.quote.time ?? .latest
        let oldest = settings.quoteMaximumAge
        try workOrders(symbol) { order throws(Amount.ArithmeticFault) in
            let arrival = order.arrives
            guard !order.hasRested, arrival < time, !Self.expire(&order, at: arrival) else { return nil }
            guard arrival >= from, arrival.nanoseconds - from.nanoseconds <= oldest else {
                if order.isImmediate { order.ending = .canceled }
                return nil
            }
            return try standing?.work(&order, at: arrival)
        }
        lanes[symbol].standing = standing
    }

    private mutating func take(_ bar: Bar, of symbol: Int) throws(Amount.ArithmeticFault) {
        if isQuoted[symbol] {
            try workStanding(symbol, before: bar.closed)
        } else {
            if !lanes[symbol].orders.isEmpty {
                var matching = try BarMatching(bar, settings, pricing)
                try workOrders(symbol) { order throws(Amount.ArithmeticFault) in
                    let match = try matching.work(&order)
                    _ = Self.expire(&order, at: bar.closed)
                    return match
                }
            }
            try holdings.mark(symbol, at: bar.close)
        }
        try decide(symbol, closing: bar)
    }

    private static func expire(_ order: inout WorkingOrder, at time: Timestamp) -> Bool {
        guard order.ending == nil, let expires = order.expires, expires <= time else { return order.ending != nil }
        order.ending = .expired
        return true
    }

    /// Gives each order of a symbol its chance, in order of arrival, and books what it got in order of time.
    private mutating func workOrders(
        _ symbol: Int,
        _ work: (inout WorkingOrder) throws(Amount.ArithmeticFault) -> Match?
    ) throws(Amount.ArithmeticFault) {
        var fills: [Fill] = []
        var ended = false
        for index in lanes[symbol].orders.indices {
            let match = try work(&lanes[symbol].orders[index])
            let order = lanes[symbol].orders[index]
            if let match { fills.append(Self.fill(order, match)) }
            if order.ending != nil { ended = true }
        }
        fills.sort { ($0.time, $0.order) < ($1.time, $1.order) }
        for index in fills.indices {
            try holdings.book(&fills[index])
            if fills[index].isClosing {
                result.counts.closingFills += 1
                if fills[index].realized > .zero { result.counts.winningFills += 1 }
            }
        }
        result.fills.append(contentsOf: fills)
        guard ended else { return }
        for order in lanes[symbol].orders where order.ending != nil { count(order) }
        lanes[symbol].orders.removeAll { $0.ending != nil }
    }

    private static func fill(_ order: WorkingOrder, _ match: Match) -> Fill {
        Fill(
            order: order.number, symbol: order.request.symbol, direction: order.request.direction, qty: match.qty,
            price: match.price, reference: match.reference, time: match.time, submitted: order.submitted,
            source: order.request.source, type: order.request.type)
    }

    private mutating func count(_ order: WorkingOrder) {
        switch order.ending {
        case .filled: result.counts.filled += 1
        case .expired: result.counts.expired += 1
        case .canceled: result.counts.canceled += 1
        case nil: result.counts.open += 1
        }
        if order.ending != .filled, order.remaining < order.request.qty { result.counts.partlyFilled += 1 }
    }

    mutating func finish() throws(Amount.ArithmeticFault) -> ReplayResult {
        submitScript(until: .latest)
        for lane in lanes { for order in lane.orders { count(order) } }
        result.curve.close()
        result.cash = holdings.cash
        result.lowestCash = holdings.lowestCash
        result.equity = try holdings.equity()
        result.commissions = holdings.commissions
        result.friction = holdings.friction
        result.costs = try holdings.commissions.adding(holdings.friction)
        result.grossPnL = try holdings.freeCash.adding(holdings.value).subtracting(settings.initialCash)
        result.netPnL = try result.equity.subtracting(settings.initialCash)
        result.realizedPnL = holdings.realized
        result.turnover = holdings.turnover
        for (symbol, position) in holdings.positions.enumerated() where !position.qty.isZero {
            result.held.append(
                .init(symbol: symbol, qty: position.qty, mark: position.mark, value: position.value))
        }
        return result
    }
}
