import Core
import Domain
import JSON
import Runtime
import Threading

/// Whether every order's story is whole.
enum Audit {
    static let command = Command(
        "audit", "is every order's story whole: no cause, answer, outcome or fill missing",
        details: """
            Reads the log once and holds only what is open, then looks at what seemed incomplete once more. Each hole \
            names the link, the record where it shows and what to do next; 'torghut explain' tells the rest.
            """,
        options: [
            .valued("since", "TIME", "only orders that began at or after this moment, RFC 3339"),
            .valued("until", "TIME", "only orders that began before this moment"),
            .valued("at", "TIME", "judge what is overdue as at this moment; now if left out"),
            .valued("archive", "DIR", "read this archive in front of the log, as one"),
        ], answerNo: "a link is missing, or a record cannot be read"
    ) { invocation in
        let since = try CanaryReading.moment(invocation, "since") ?? .earliest
        let until = try CanaryReading.moment(invocation, "until") ?? .latest
        guard since < until else { throw UsageError("--since is before --until") }
        let moment = try CanaryReading.moment(invocation, "at") ?? SystemTime().now()
        let archive = invocation.value("archive")
        let settings = try invocation.settings()
        let report = try await OpenedLog.using(settings, to: .read, archive: archive) { opened in
            let progress = ProgressLine("auditing")
            let audit = StoryAudit(opened.log) { done, total in progress.show(done: done, of: total) }
            let outcome: Result<StoryAudit.Report, any Error>
            do { outcome = .success(try await audit.run(since: since, until: until, at: moment)) } catch {
                outcome = .failure(error)
            }
            progress.end()
            return try outcome.get()
        }
        try invocation.json ? printJSON(report) : printText(report)
        return report.isWhole ? .ok : .no
    }

    private static func printText(_ report: StoryAudit.Report) throws {
        var text = ""
        for (decision, hole) in report.holes { text += "order \(decision)\n" + StoryText.lines(of: hole) }
        for (place, why) in report.unreadable {
            text += "cannot be read: [\(place)] \(why)\n  next: torghut quarantine list, torghut log read\n"
        }
        if report.notChecked > 0 {
            text += "not checked for want of room: \(report.notChecked) orders; narrow --since\n"
        }
        let orders = "\(report.orders) orders (\(report.open) open), \(report.records) records"
        text +=
            report.isWhole
            ? "whole: \(orders), nothing missing\n" : "NOT whole: \(orders), \(report.holes.count) holes\n"
        try StandardOutput().write(Array(text.utf8))
    }

    /// One line for each hole, and the sum last.
    private static func printJSON(_ report: StoryAudit.Report) throws {
        var json = JSONWriter()
        for (decision, hole) in report.holes {
            json.object { json in
                json.key("decision_hash")
                json.string("\(decision)")
                json.key("link")
                json.string(hole.link.rawValue)
                json.key("missing")
                json.string(hole.missing)
                json.key("shown_by")
                json.string("\(hole.shownBy)")
                json.key("signs")
                json.array { json in for sign in hole.signs { json.string(sign) } }
                json.key("next")
                json.string(hole.next)
            }
            json.newline()
        }
        json.object { json in
            let numbers: [(String, Int64)] = [
                ("orders", Int64(report.orders)), ("open", Int64(report.open)), ("records", report.records),
                ("holes", Int64(report.holes.count)), ("not_checked", Int64(report.notChecked)),
                ("of_nobody", Int64(report.foreign)),
            ]
            for (name, number) in numbers {
                json.key(name)
                json.integer(number)
            }
            json.key("unreadable")
            json.array { json in for (place, _) in report.unreadable { json.string("\(place)") } }
        }
        json.newline()
        try StandardOutput().write(json.finish())
    }
}
