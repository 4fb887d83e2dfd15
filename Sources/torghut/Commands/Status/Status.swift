import Core
import Domain
import JSON
import Runtime
import Synchronization
import Threading

/// The answer to "can we continue safely?", on one screen.
enum Status {
    /// Between two looks of `--watch`.
    private static let interval: Duration = .seconds(2)

    static let command = Command(
        "status", "can we continue safely? gates, stops, lanes, canary, roles, lag, books, orders in doubt",
        details: """
            Folds the log; needs no database. Each thing that speaks against going on is a reason with what to do \
            about it; what cannot be looked at is a reason too. A lane that is not on is none: orders go to Alpaca then.
            """,
        options: [.switched("watch", "look again every two seconds, until Ctrl-C")],
        answerNo: "trading should not go on, and the reasons are named"
    ) { invocation in
        let settings = try invocation.settings()
        guard invocation.has("watch") else {
            let safety = await Safety.read(settings)
            try print(safety, json: invocation.json)
            return safety.isSafe ? .ok : .no
        }
        let isJSON = invocation.json
        let isSafe = Mutex(false)
        try await Interruption.ends {
            while true {
                let safety = await Safety.read(settings)
                try Task.checkCancellation()
                isSafe.withLock { $0 = safety.isSafe }
                if StandardOutput.isTerminal, !isJSON {
                    try StandardOutput().write(Array("\u{1B}[H\u{1B}[2J".utf8))
                }
                try print(safety, json: isJSON)
                try await Task.sleep(for: interval)
            }
        }
        return isSafe.withLock { $0 } ? .ok : .no
    }

    private static func print(_ safety: Safety, json: Bool) throws {
        guard !json else { return try printJSON(safety) }
        let now = SystemTime().now()
        var text = safety.isSafe ? "yes: trading can go on (\(now))\n" : "no: trading should not go on (\(now))\n"
        for finding in safety.reasons {
            text += "  \(finding.what) \(finding.name) is \(finding.state): \(finding.reason ?? "")\n"
            if let next = finding.next { text += "    next: \(next)\n" }
        }
        text += "\n"
        try StandardOutput().write(Array(text.utf8))
        var listing = Listing("what", "name", "state")
        for finding in safety.findings {
            listing.add(.text(finding.what), .text(finding.name), .text(finding.state))
        }
        try listing.print(json: false)
    }

    /// One object on one line.
    private static func printJSON(_ safety: Safety) throws {
        var json = JSONWriter()
        json.object { json in
            json.key("safe")
            json.bool(safety.isSafe)
            json.key("at")
            json.string("\(SystemTime().now())")
            json.key("reasons")
            json.array { json in for finding in safety.reasons { write(finding, &json) } }
            json.key("findings")
            json.array { json in for finding in safety.findings { write(finding, &json) } }
        }
        json.newline()
        try StandardOutput().write(json.finish())
    }

    private static func write(_ finding: Safety.Finding, _ json: inout JSONWriter) {
        json.object { json in
            for (name, value) in [
                ("what", finding.what), ("name", finding.name), ("state", finding.state), ("reason", finding.reason),
                ("next", finding.next),
            ] {
                guard let value else { continue }
                json.key(name)
                json.string(value)
            }
        }
    }
}
