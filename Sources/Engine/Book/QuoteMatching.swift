internal import Core

/// What an order gets from one quote.
struct QuoteMatching {
    let quote: Quote
    let pricing: Pricing
    let step: Amount.Step
    private var bids: Capacity
    private var asks: Capacity

    init(_ quote: Quote, _ settings: ReplaySettings, _ pricing: Pricing) throws(Amount.ArithmeticFault) {
        self.quote = quote
        self.pricing = pricing
        step = settings.quantityStep
        bids = try Self.capacity(quote.bidSize, settings)
        asks = try Self.capacity(quote.askSize, settings)
    }

    private static func capacity(
        _ size: Amount?, _ settings: ReplaySettings
    ) throws(Amount.ArithmeticFault) -> Capacity {
        guard let size else { return .unlimited }
        return try Capacity(part: settings.quoteParticipation, of: size)
    }

    /// Works the order against the quote as it stands at a moment, and moves the order's state on.
    mutating func work(_ order: inout WorkingOrder, at time: Timestamp) throws(Amount.ArithmeticFault) -> Match? {
        let direction = order.request.direction
        let touch = direction == .up ? quote.ask : quote.bid
        var match: Match?
        if try triggers(&order, touch) { match = try fill(order, touch, at: time) }
        if let match {
            if direction == .up { try asks.take(match.qty) } else { try bids.take(match.qty) }
            order.remaining = try order.remaining.subtracting(match.qty)
        }
        order.hasRested = true
        if order.remaining.isZero {
            order.ending = .filled
        } else if order.isImmediate {
            order.ending = .canceled
        }
        return match
    }

    private func triggers(_ order: inout WorkingOrder, _ touch: Amount) throws(Amount.ArithmeticFault) -> Bool {
        guard !order.isTriggered else { return true }
        let direction = order.request.direction
        let stop: Int128
        if let price = order.request.stopPrice {
            stop = price.units
        } else {
            let mark = order.watermark ?? touch.units
            let best = direction == .up ? min(mark, touch.units) : max(mark, touch.units)
            order.watermark = best
            stop = try order.trailedStop(best)
        }
        order.isTriggered = direction == .up ? touch.units >= stop : touch.units <= stop
        return order.isTriggered
    }

    private func fill(
        _ order: WorkingOrder, _ touch: Amount, at time: Timestamp
    ) throws(Amount.ArithmeticFault) -> Match? {
        let direction = order.request.direction
        let limit = order.request.limitPrice
        if let limit, direction == .up ? touch > limit : touch < limit { return nil }
        let qty = (direction == .up ? asks : bids).part(for: order, step: step)
        guard qty > .zero else { return nil }
        // What waited at its limit is traded there; what comes to the market takes what stands.
        let price: Amount
        if let limit, order.hasRested {
            price = limit
        } else {
            price = try pricing.taken(touch, direction, qty: qty, of: nil, limit: limit)
        }
        return Match(qty: qty, price: price, reference: quote.middle, time: time)
    }
}
