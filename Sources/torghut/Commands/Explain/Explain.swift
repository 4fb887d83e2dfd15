import Core
import Domain
import FoundationEssentials
import Postgres
import Runtime
import Threading

/// What happened to an order and why, with everything that proves it.
enum Explain {
    private static let id = Operand(
        name: "ID", summary: "an order, decision, intent, client order id or event, by its id")

    static let command = Command(
        "explain", "what happened to an order and why: its whole story, with positions, and what is missing of it",
        details: """
            From the decision to the last fill: risk reasons, policy and control in force, every attempt with what was \
            asked and answered, the evidence behind a fallback, the broker's events, shadows, and the stops that \
            touched it. Each line has its place on the log and the time since its cause. The answer is complete, open \
            (nothing is missing so far, and it goes on) or incomplete, with each missing link. The read models, where a \
            database is named, only help to find the order quickly; the story itself is always read from the log.
            """,
        options: [
            .switched("from-log", "do not ask the read models where the order is"),
            .switched("dot", "print a graph for Graphviz"), .valued("svg", "FILE", "draw it into this file too"),
            .valued("at", "TIME", "judge what is overdue as at this moment, RFC 3339; now if left out"),
            .valued("archive", "DIR", "read this archive in front of the log, as one"),
        ], operand: id, answerNo: "something is missing of the story, or no record names the id"
    ) { invocation in
        let id = try invocation.requiredOperand()
        let forms = ["json", "dot"].filter(invocation.has)
        guard forms.count < 2 else { throw UsageError("--\(forms[0]) and --\(forms[1]) exclude each other") }
        guard id.utf8.count <= 256 else { throw UsageError("no id has more than 256 bytes") }
        let settings = try invocation.settings()
        let moment = try CanaryReading.moment(invocation, "at") ?? SystemTime().now()
        let hint = invocation.has("from-log") ? nil : hint(id, settings)
        let archive = invocation.value("archive")
        return try await OpenedLog.using(settings, to: .read, archive: archive) { opened in
            guard let story = try await StorySearch(opened.log).story(named: id, at: moment, hint: hint) else {
                StandardError.line("torghut: no record names '\(id)'")
                return .no
            }
            let account = StoryAccount(story)
            if let file = invocation.value("svg") {
                try Data(StorySVG.text(account).utf8).write(to: URL(filePath: file), options: .atomic)
            }
            try StandardOutput().write(shown(account, as: forms.first))
            return account.verdict == .incomplete ? .no : .ok
        }
    }

    private static func hint(_ id: String, _ settings: Settings) -> StorySearch.Hint? {
        guard settings.namesDatabase else { return nil }
        do {
            return StoryHints.find(id, in: try settings.database())
        } catch {
            StandardError.line("torghut: the read models cannot be asked, so the log is: \(error.problems.joined())")
            return nil
        }
    }

    private static func shown(_ account: StoryAccount, as form: String?) -> [UInt8] {
        switch form {
        case "json": StoryJSON.bytes(account) + Array("\n".utf8)
        case "dot": Array(StoryDOT.text(account).utf8)
        default: Array(StoryText.text(account).utf8)
        }
    }
}
