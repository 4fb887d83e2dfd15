internal import Core
internal import Engine

/// The equity curve as a picture, drawn with whole numbers: the same curve is the same bytes.
enum EquityPlot {
    private static let width: Int128 = 960
    private static let height: Int128 = 320
    private static let left: Int128 = 120
    private static let top: Int128 = 32
    private static let bottom: Int128 = 40

    static func bytes(_ result: ReplayResult) -> [UInt8] {
        let points = result.curve.points
        var svg = head(result)
        if let first = points.first, let last = points.last {
            let lowest = points.map(\.equity.units).min() ?? 0
            let highest = points.map(\.equity.units).max() ?? 0
            let start = Int128(first.time.nanoseconds)
            let span = Int128(last.time.nanoseconds) - start
            let line = points.map { point in
                let x = left + scaled(Int128(point.time.nanoseconds) - start, of: span, to: width - left - 24)
                let rise = scaled(point.equity.units - lowest, of: highest - lowest, to: height - top - bottom)
                return "\(x),\(height - bottom - rise)"
            }
            svg += "<polyline class=\"equity\" points=\"\(line.joined(separator: " "))\"/>\n"
            svg += label(x: left - 8, y: top + 4, "end", Amount(units: highest).description)
            svg += label(x: left - 8, y: height - bottom + 4, "end", Amount(units: lowest).description)
            svg += label(x: left, y: height - 12, "start", first.time.description)
            svg += label(x: width - 24, y: height - 12, "end", last.time.description)
        } else {
            svg += label(x: width / 2, y: height / 2, "middle", "no market data")
        }
        return Array((svg + "</svg>\n").utf8)
    }

    /// `part ÷ whole × size`; the lower edge where there is no height to speak of.
    private static func scaled(_ part: Int128, of whole: Int128, to size: Int128) -> Int128 {
        ExactQuotient.of(part, times: size.magnitude, over: whole) ?? 0
    }

    private static func head(_ result: ReplayResult) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" \
        aria-labelledby="title desc">
        <title id="title">Equity over time</title>
        <desc id="desc">Net \(result.netPnL), largest drawdown \(result.curve.maximumDrawdown), \
        \(result.fills.count) fills.</desc>
        <style>.equity{fill:none;stroke:#1f6f8b;stroke-width:1.5}.axis{stroke:#9aa5ab;stroke-width:1}\
        text{font:12px sans-serif;fill:#37474f}</style>
        <rect width="\(width)" height="\(height)" fill="#ffffff"/>
        <path class="axis" fill="none" d="M\(left) \(top)V\(height - bottom)H\(width - 24)"/>

        """
    }

    private static func label(x: Int128, y: Int128, _ anchor: String, _ text: String) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(text)</text>\n"
    }
}
