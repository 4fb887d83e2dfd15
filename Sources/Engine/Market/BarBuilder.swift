internal import Core

/// Makes bars out of quotes, for strategies that look at bars where only quotes were recorded.
///
/// Prices are middles; there is no volume to speak of. A span without quotes makes no bar.
struct BarBuilder {
    let timeframe: Int64
    private var current: Bar?

    init(timeframe: Int64) { self.timeframe = timeframe }

    /// The bar that this quote proves to be over, if there is one.
    mutating func add(_ quote: Quote) -> Bar? {
        let price = quote.middle
        if var bar = current, quote.time < bar.closed {
            bar.high = max(bar.high, price)
            bar.low = min(bar.low, price)
            bar.close = price
            current = bar
            return nil
        }
        defer { current = Self.bar(holding: quote.time, price, timeframe) }
        return current
    }

    private static func bar(holding time: Timestamp, _ price: Amount, _ timeframe: Int64) -> Bar? {
        var rest = time.nanoseconds % timeframe
        if rest < 0 { rest += timeframe }
        let (opened, early) = time.nanoseconds.subtractingReportingOverflow(rest)
        let (closed, late) = opened.addingReportingOverflow(timeframe)
        guard !early, !late else { return nil }
        return Bar(
            opened: Timestamp(nanoseconds: opened), closed: Timestamp(nanoseconds: closed), open: price, high: price,
            low: price, close: price, volume: .zero)
    }
}
