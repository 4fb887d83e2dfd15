internal import Core

/// What an order gets out of one bar.
struct BarMatching {
    let bar: Bar
    let path: PricePath
    let pricing: Pricing
    let step: Amount.Step
    private(set) var capacity: Capacity

    init(
        _ bar: Bar, _ settings: ReplaySettings, _ pricing: Pricing
    ) throws(Amount.ArithmeticFault) {
        self.bar = bar
        path = PricePath(of: bar)
        self.pricing = pricing
        step = settings.quantityStep
        capacity = try Capacity(part: settings.barParticipation, of: bar.volume)
    }

    /// Works the order through the part of the bar in which it stands, and moves its state on.
    mutating func work(_ order: inout WorkingOrder) throws(Amount.ArithmeticFault) -> Match? {
        // Nobody traded when it arrived: what is immediate does not wait for the next bar.
        if order.isImmediate, order.arrives < bar.opened {
            order.ending = .canceled
            return nil
        }
        let start = max(order.arrives.nanoseconds, bar.opened.nanoseconds)
        let end = min(bar.closed.nanoseconds, order.expires?.nanoseconds ?? .max)
        guard start < end else { return nil }
        var match: Match?
        if let from = try trigger(&order, from: start, until: order.isImmediate ? start + 1 : end) {
            match = try fill(order, from: from, until: order.isImmediate ? from + 1 : end)
        }
        if let match {
            try capacity.take(match.qty)
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

    /// From when on the order may trade: at once, or when its stop was reached.
    private func trigger(
        _ order: inout WorkingOrder, from start: Int64, until end: Int64
    ) throws(Amount.ArithmeticFault) -> Int64? {
        guard !order.isTriggered else { return start }
        let direction = order.request.direction
        let reached: PricePath.Point?
        if let stop = order.request.stopPrice {
            reached = path.firstTouch(direction, of: stop.units, from: start, until: end)
        } else {
            reached = try trail(&order, from: start, until: end)
        }
        guard let reached else { return nil }
        order.isTriggered = true
        return reached.time
    }

    /// Follows the price with a trailing stop, leg by leg.
    ///
    /// While the price goes well the stop follows it, and while it comes back the stop stands. A price that opens beyond
    /// the stop of before has reached it there.
    private func trail(
        _ order: inout WorkingOrder, from start: Int64, until end: Int64
    ) throws(Amount.ArithmeticFault) -> PricePath.Point? {
        let direction = order.request.direction
        for leg in path.legs(from: start, until: end) {
            if let before = order.watermark {
                let stop = try order.trailedStop(before)
                if direction == .up ? leg.start.price >= stop : leg.start.price <= stop { return leg.start }
            }
            let best = Self.better(order.watermark ?? leg.start.price, leg.start.price, direction)
            order.watermark = best
            let stop = try order.trailedStop(best)
            let touches = direction == .up ? leg.end.price >= stop : leg.end.price <= stop
            if touches { return PricePath.Point(time: leg.time(of: stop), price: stop) }
            order.watermark = Self.better(best, leg.end.price, direction)
        }
        return nil
    }

    /// For a buyer's stop the lowest price is best, for a seller's the highest.
    private static func better(_ left: Int128, _ right: Int128, _ direction: Direction) -> Int128 {
        direction == .up ? min(left, right) : max(left, right)
    }

    private func fill(
        _ order: WorkingOrder, from start: Int64, until end: Int64
    ) throws(Amount.ArithmeticFault) -> Match? {
        let direction = order.request.direction
        let qty = try part(of: order, from: start)
        guard qty > .zero else { return nil }
        let middle = Amount(units: path.price(at: start))
        let touch = try pricing.touch(middle, direction)
        let limit = order.request.limitPrice
        if let limit, direction == .up ? touch > limit : touch < limit {
            let level = try pricing.middle(reaching: limit, direction)
            // The price comes towards a buyer from above, towards a seller from below.
            guard
                let reached = path.firstTouch(direction == .up ? .down : .up, of: level, from: start, until: end)
            else { return nil }
            let share = try part(of: order, from: reached.time)
            guard share > .zero else { return nil }
            return Match(
                qty: share, price: limit, reference: Amount(units: level),
                time: Timestamp(nanoseconds: reached.time))
        }
        let price = try pricing.taken(touch, direction, qty: qty, of: bar.volume, limit: limit)
        return Match(qty: qty, price: price, reference: middle, time: Timestamp(nanoseconds: start))
    }

    /// Volume is taken to flow evenly: who comes in the middle of a bar has a part of half of it.
    private func part(of order: WorkingOrder, from start: Int64) throws(Amount.ArithmeticFault) -> Amount {
        let span = Int128(bar.closed.nanoseconds) - Int128(bar.opened.nanoseconds)
        let left = (Int128(bar.closed.nanoseconds) - Int128(start)).magnitude
        guard let whole = capacity.left, left < span.magnitude else { return capacity.part(for: order, step: step) }
        let share = ExactQuotient.of(whole.units, times: left, over: span) ?? 0
        return capacity.part(for: order, step: step, atMost: Amount(units: share))
    }
}
