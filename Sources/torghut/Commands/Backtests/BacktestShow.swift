import Core
import Domain
import JSON
import Lanes
import Runtime

/// Runs as the log has them.
enum BacktestShow {
    static let list = Command(
        "backtest list", "list backtests",
        details: "From the log: no database and no runner is asked. Without --all, the latest twenty.",
        options: [
            .switched("all", "every run"), .switched("open", "only runs without an end"),
        ]
    ) { invocation in
        let book = try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            try await BacktestBook.read(opened.log)
        }
        var entries = book.entries.values.sorted {
            ($0.run.submittedAt, $0.run.backtestID.text) > ($1.run.submittedAt, $1.run.backtestID.text)
        }
        if invocation.has("open") { entries.removeAll { $0.run.status.isFinal } }
        if !invocation.has("all") { entries = Array(entries.prefix(20)) }
        var listing = Listing(
            "backtest_id", "status", "lane", "requested_by", "submitted_at", "completed_at", "replay_hash",
            "failure_taxonomy")
        for entry in entries {
            let run = entry.run
            listing.add(
                .text(run.backtestID.text), .text(run.status.rawValue), .text(run.lane.text),
                .text(run.requestedBy.text), .text("\(run.submittedAt)"), .optional(run.completedAt.map { "\($0)" }),
                .optional(run.replayHash.map { "\($0)" }), .optional(run.failureTaxonomy?.rawValue))
        }
        if invocation.json || !entries.isEmpty { try listing.print(json: invocation.json) }
        if entries.isEmpty { StandardError.line("no backtest was asked for") }
        return .ok
    }

    static let show = Command(
        "backtest show", "show a backtest with its result",
        details: "From the log: no database and no runner is asked.",
        operand: Operand(name: "ID", summary: "the run, as 'backtest submit' names it"),
        answerNo: "there is no such run"
    ) { invocation in
        let id = try invocation.requiredOperand()
        let book = try await OpenedLog.using(invocation.settings(), to: .read) { opened in
            try await BacktestBook.read(opened.log)
        }
        guard let entry = book.entries.values.first(where: { $0.run.backtestID.text == id }) else {
            StandardError.line("torghut: there is no backtest \(id)")
            return .no
        }
        try print(entry, json: invocation.json)
        return .ok
    }

    static func print(_ entry: BacktestBook.Entry, json asJSON: Bool) throws {
        let run = entry.run
        let texts: [(String, String?)] = [
            ("backtest_id", run.backtestID.text), ("status", run.status.rawValue), ("lane", run.lane.text),
            ("requested_by", run.requestedBy.text), ("submitted_at", "\(run.submittedAt)"),
            ("started_at", run.startedAt.map { "\($0)" }), ("completed_at", run.completedAt.map { "\($0)" }),
            ("reproducibility_hash", "\(run.reproducibilityHash)"), ("replay_hash", run.replayHash.map { "\($0)" }),
            ("authority_mode", run.authorityMode?.rawValue), ("failure_taxonomy", run.failureTaxonomy?.rawValue),
            ("reason", run.reason?.text),
        ]
        let documents: [(String, CompactJSON?)] = [
            ("config", run.configJSON), ("result", run.resultJSON), ("artifacts", run.artifactsJSON),
        ]
        guard asJSON else {
            for (name, text) in texts { try StandardOutput().line("\(name): \(text ?? "-")") }
            let passed = run.deterministicReplayPassed.map { $0 ? "yes" : "no" } ?? "-"
            try StandardOutput().line("deterministic_replay_passed: \(passed)")
            for (name, document) in documents { try StandardOutput().line("\(name): \(document?.description ?? "-")") }
            return
        }
        var json = JSONWriter()
        json.object { json in
            for (name, text) in texts {
                json.key(name)
                if let text { json.string(text) } else { json.null() }
            }
            json.key("deterministic_replay_passed")
            if let passed = run.deterministicReplayPassed { json.bool(passed) } else { json.null() }
            for (name, document) in documents {
                json.key(name)
                if let document { json.raw(document.bytes) } else { json.null() }
            }
        }
        json.newline()
        try StandardOutput().write(json.finish())
    }
}
