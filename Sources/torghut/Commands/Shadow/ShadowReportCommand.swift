import Core
import Domain
import FoundationEssentials
import JSON
import Runtime

/// How simulated and real fills differ: numbers, and how they are spread.
enum ShadowReportCommand {
    static let command = Command(
        "shadow report", "show how simulated and real fills differ, and draw it",
        details: """
            From the log, over all of it unless --lookback-hours says otherwise. --svg draws the distribution of \
            parity_delta_bps by status into FILE; what is there is overwritten.
            """,
        options: [ShadowReading.window, .valued("svg", "FILE", "draw the distribution into this file")]
    ) { invocation in
        let (start, hours) = try ShadowReading.start(invocation, unset: nil)
        return try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            let (outcomes, unread) = try await ShadowReading.read(opened.log)
            let report = outcomes.report(since: start)
            let histogram = DeltaHistogram(report)
            if let file = invocation.value("svg") {
                try Data(ShadowPlot(report, histogram).svg.utf8).write(to: URL(filePath: file), options: .atomic)
                StandardError.line("drew \(histogram?.bins.reduce(0) { $0 + $1.count } ?? 0) fills into \(file)")
            }
            try StandardOutput().write(
                invocation.json ? json(report, histogram, hours) : Array(text(report, histogram).utf8))
            for fault in unread { StandardError.line("torghut: \(fault)") }
            return .ok
        }
    }

    private static func json(_ report: ShadowReport, _ histogram: DeltaHistogram?, _ hours: Int64?) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            ShadowNumbers.write(report, hours, &json)
            json.key("bin_width_bps")
            if let histogram { json.raw(Array("\(histogram.width)".utf8)) } else { json.null() }
            json.key("bins")
            json.array { json in
                for bin in histogram?.bins ?? [] where bin.count > 0 {
                    json.object { json in
                        json.key("from_bps")
                        json.raw(Array("\(bin.from)".utf8))
                        json.key("pass")
                        json.integer(bin.passes)
                        json.key("drift")
                        json.integer(bin.drifts)
                    }
                }
            }
        }
        json.newline()
        return json.finish()
    }

    private static func text(_ report: ShadowReport, _ histogram: DeltaHistogram?) -> String {
        var lines = ShadowNumbers.lines(report)
        guard let histogram else { return lines.joined(separator: "\n") + "\n" }
        lines += ["", "parity_delta_bps, bins of \(histogram.width); '#' pass, '!' drift"]
        let most = max(1, histogram.bins.map(\.count).max() ?? 1)
        for bin in histogram.bins where bin.count > 0 {
            // At least one mark for what is there at all.
            func marks(_ count: Int) -> Int { count == 0 ? 0 : max(1, count * 50 / most) }
            let from = "\(bin.from)"
            let label = String(repeating: " ", count: max(0, 10 - from.count)) + from
            let bars =
                String(repeating: "#", count: marks(bin.passes)) + String(repeating: "!", count: marks(bin.drifts))
            lines.append("\(label) \(bars) \(bin.count)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
