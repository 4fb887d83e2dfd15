import Core
import Domain

/// The distribution of deltas as a drawing: stacked bars for pass and drift, with a scale on both sides.
struct ShadowPlot {
    private static let (width, height) = (960, 480)
    private static let (left, right, top, bottom) = (64, 24, 56, 64)

    private let report: ShadowReport
    private let histogram: DeltaHistogram?

    init(_ report: ShadowReport, _ histogram: DeltaHistogram?) {
        self.report = report
        self.histogram = histogram
    }

    var svg: String {
        let (width, height) = (Self.width, Self.height)
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" width="\#(width)" "#
                + #"height="\#(height)" role="img" aria-label="Distribution of shadow parity">"#,
            #"<rect width="\#(width)" height="\#(height)" fill="white"/>"#,
            text(Self.left, 24, 16, "start", "Shadow parity: real fills beside simulated ones"),
            text(Self.left, 44, 12, "start", summary),
        ]
        if let histogram {
            lines += bars(histogram) + scales(histogram) + legend
        } else {
            lines.append(text(width / 2, height / 2, 14, "middle", "nothing was judged"))
        }
        lines.append("</svg>")
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: String {
        "\(report.total) intents: \(report.passes) pass, \(report.drifts) drift, \(report.inconclusive) inconclusive, "
            + "\(report.failed) failed, \(report.waiting) waiting"
            + (report.averageDeltaBps.map { "; on average \($0) bps" } ?? "")
    }

    private var field: (x: Int, y: Int, width: Int, height: Int) {
        (Self.left, Self.top, Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom)
    }

    private func bars(_ histogram: DeltaHistogram) -> [String] {
        let most = max(1, histogram.bins.map(\.count).max() ?? 1)
        var lines: [String] = []
        for (place, bin) in histogram.bins.enumerated() where bin.count > 0 {
            let from = field.x + field.width * place / histogram.bins.count
            let to = field.x + field.width * (place + 1) / histogram.bins.count
            var base = field.y + field.height
            for (count, colour, name) in [(bin.passes, "seagreen", "pass"), (bin.drifts, "firebrick", "drift")] {
                guard count > 0 else { continue }
                let tall = max(1, field.height * count / most)
                base -= tall
                lines.append(
                    #"<rect class="\#(name)" x="\#(from)" y="\#(base)" width="\#(max(1, to - from - 1))" "#
                        + #"height="\#(tall)" fill="\#(colour)"><title>from \#(bin.from) bps: \#(count) \#(name)"#
                        + "</title></rect>")
            }
        }
        return lines
    }

    private func scales(_ histogram: DeltaHistogram) -> [String] {
        let base = field.y + field.height
        var lines = [
            #"<path d="M\#(field.x) \#(field.y) V\#(base) H\#(field.x + field.width)" fill="none" stroke="black"/>"#
        ]
        let every = max(1, (histogram.bins.count + 9) / 10)
        for (place, bin) in histogram.bins.enumerated() where place % every == 0 {
            let x = field.x + field.width * place / histogram.bins.count
            lines.append(text(x, base + 18, 11, "middle", "\(bin.from)"))
        }
        let most = histogram.bins.map(\.count).max() ?? 0
        lines.append(text(field.x - 8, field.y + 10, 11, "end", "\(most)"))
        lines.append(text(field.x - 8, base, 11, "end", "0"))
        lines.append(
            text(
                field.x + field.width / 2, base + 44, 12, "middle",
                "parity_delta_bps, a cost when positive; bins of \(histogram.width)"))
        return lines
    }

    private var legend: [String] {
        let x = field.x + field.width - 140
        return [
            #"<rect x="\#(x)" y="14" width="12" height="12" fill="seagreen"/>"#, text(x + 18, 24, 12, "start", "pass"),
            #"<rect x="\#(x + 64)" y="14" width="12" height="12" fill="firebrick"/>"#,
            text(x + 82, 24, 12, "start", "drift"),
        ]
    }

    /// Words of ours and numbers: nothing in them needs escaping.
    private func text(_ x: Int, _ y: Int, _ size: Int, _ anchor: String, _ words: String) -> String {
        #"<text x="\#(x)" y="\#(y)" font-family="sans-serif" font-size="\#(size)" text-anchor="\#(anchor)">"#
            + "\(words)</text>"
    }
}
