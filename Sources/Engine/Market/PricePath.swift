internal import Core

/// The way the price is taken to have gone inside a bar: to the nearer extreme's side first, then across, then home.
///
/// A bar that rose went open, low, high, close; one that fell went open, high, low, close; each leg takes a third of
/// the time and is straight. It is a convention, fixed so that everybody gets the same fills.
struct PricePath {
    struct Point: Equatable {
        var time: Int64
        var price: Int128
    }

    struct Leg {
        let start: Point
        let end: Point

        /// The price at a moment of this leg, rounded half to even.
        func price(at time: Int64) -> Int128 {
            let span = Int128(end.time) - Int128(start.time)
            guard span > 0 else { return end.price }
            let gone = (Int128(time) - Int128(start.time)).magnitude
            // Never outside the leg's two prices, so always representable.
            return start.price + (ExactQuotient.of(end.price - start.price, times: gone, over: span) ?? 0)
        }

        /// The first moment at or after which the price has reached the level, going towards it on this leg.
        func time(of level: Int128) -> Int64 {
            let rise = end.price - start.price
            guard rise != 0 else { return start.time }
            let span = (Int128(end.time) - Int128(start.time)).magnitude
            let passed = ExactQuotient.of(level - start.price, times: span, over: rise) ?? 0
            return min(end.time, start.time + Int64(clamping: max(0, passed)))
        }
    }

    private let legs: (Leg, Leg, Leg)

    init(of bar: Bar) {
        let opened = bar.opened.nanoseconds
        let third = (bar.closed.nanoseconds - opened) / 3
        let rose = bar.close >= bar.open
        let points = (
            Point(time: opened, price: bar.open.units),
            Point(time: opened + third, price: (rose ? bar.low : bar.high).units),
            Point(time: opened + 2 * third, price: (rose ? bar.high : bar.low).units),
            Point(time: bar.closed.nanoseconds, price: bar.close.units)
        )
        legs = (
            Leg(start: points.0, end: points.1), Leg(start: points.1, end: points.2),
            Leg(start: points.2, end: points.3)
        )
    }

    /// The price at a moment inside the bar.
    func price(at time: Int64) -> Int128 {
        if time < legs.0.end.time { return legs.0.price(at: time) }
        if time < legs.1.end.time { return legs.1.price(at: time) }
        return legs.2.price(at: time)
    }

    /// The legs between two moments, the first and the last cut there.
    func legs(from start: Int64, until end: Int64) -> [Leg] {
        var cut: [Leg] = []
        for leg in [legs.0, legs.1, legs.2] where leg.end.time > start && leg.start.time < end {
            var (first, last) = (leg.start, leg.end)
            if first.time < start { first = Point(time: start, price: leg.price(at: start)) }
            if last.time > end { last = Point(time: end, price: leg.price(at: end)) }
            cut.append(Leg(start: first, end: last))
        }
        return cut
    }

    /// When the price first stands at the level or beyond it, coming from the other side or already there.
    func firstTouch(_ direction: Direction, of level: Int128, from start: Int64, until end: Int64) -> Point? {
        for leg in legs(from: start, until: end) {
            if direction == .up ? leg.start.price >= level : leg.start.price <= level { return leg.start }
            if direction == .up ? leg.end.price >= level : leg.end.price <= level {
                return Point(time: leg.time(of: level), price: level)
            }
        }
        return nil
    }
}
