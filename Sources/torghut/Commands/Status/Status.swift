import Core
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
            let safety = await Safety.read(settings, time: SystemTime())
            try print(safety, json: invocation.json)
            return safety.isSafe ? .ok : .no
        }
        let isJSON = invocation.json
        let isSafe = Mutex(false)
        try await Interruption.ends {
            while true {
                let safety = await Safety.read(settings, time: SystemTime())
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
        guard !json else { return try StandardOutput().write(safety.json() + Array("\n".utf8)) }
        let at = safety.lookedAt
        var text = safety.isSafe ? "yes: trading can go on (\(at))\n" : "no: trading should not go on (\(at))\n"
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
}
