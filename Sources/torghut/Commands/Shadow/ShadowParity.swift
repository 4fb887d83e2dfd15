import Core
import Domain
import JSON
import Runtime

/// The original's numbers of shadow parity.
enum ShadowParity {
    static let command = Command(
        "shadow parity", "tell how alike simulated and real fills were",
        details: """
            From the log: every intent that the shadow lane spoke of counts once, by the last word on it. The ratio is \
            of drift among what was judged; what could not be judged is told beside it. Without --lookback-hours the \
            last 24 hours count.
            """,
        options: [ShadowReading.window]
    ) { invocation in
        let (start, hours) = try ShadowReading.start(invocation, unset: 24)
        return try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            let (outcomes, unread) = try await ShadowReading.read(opened.log)
            let report = outcomes.report(since: start)
            if invocation.json {
                try StandardOutput().write(json(report, hours))
            } else {
                try StandardOutput().write(Array(text(report).utf8))
            }
            for fault in unread { StandardError.line("torghut: \(fault)") }
            return .ok
        }
    }

    private static func json(_ report: ShadowReport, _ hours: Int64?) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in ShadowNumbers.write(report, hours, &json) }
        json.newline()
        return json.finish()
    }

    private static func text(_ report: ShadowReport) -> String {
        ShadowNumbers.lines(report).joined(separator: "\n") + "\n"
    }
}

/// The numbers of a report, under the original's names and ours beside them.
enum ShadowNumbers {
    static func write(_ report: ShadowReport, _ hours: Int64?, _ json: inout JSONWriter) {
        func number(_ name: StaticString, _ value: Int64) {
            json.key(name)
            json.integer(value)
        }
        func amount(_ name: StaticString, _ value: Amount?) {
            json.key(name)
            if let value { json.raw(Array(value.description.utf8)) } else { json.null() }
        }
        json.key("lookback_hours")
        if let hours { json.integer(hours) } else { json.null() }
        number("events_total", report.total)
        number("drift_events", report.drifts)
        amount("drift_ratio", report.driftRatio)
        amount("avg_parity_delta_bps", report.averageDeltaBps)
        number("pass_events", report.passes)
        number("inconclusive_events", report.inconclusive)
        number("failed_events", report.failed)
        number("waiting_events", report.waiting)
        json.key("failure_classes")
        json.object { json in
            for failure in report.failures {
                json.key(failure.name)
                json.integer(failure.count)
            }
        }
    }

    static func lines(_ report: ShadowReport) -> [String] {
        var lines = [
            "events_total         \(report.total)",
            "pass                 \(report.passes)",
            "drift_events         \(report.drifts)",
            "inconclusive         \(report.inconclusive)",
            "failed               \(report.failed)",
            "waiting for a fill   \(report.waiting)",
            "drift_ratio          \(report.driftRatio.map { "\($0)" } ?? "nothing was judged")",
            "avg_parity_delta_bps \(report.averageDeltaBps.map { "\($0)" } ?? "nothing was judged")",
        ]
        for failure in report.failures { lines.append("  \(failure.name) \(failure.count)") }
        return lines
    }
}
