import Core
import Domain
import HTTPClient
import JSON
import Runtime
import Threading

/// The checklist of the data path as one command.
enum DownstreamVerify {
    /// Of each partition so many offsets are compared, unless more are asked for.
    static let standardSpan: Int64 = 100_000

    static let command = Command(
        "downstream verify", "is what lies behind the log well? topics, roles, Flink's jobs, ClickHouse's rows",
        details: """
            Topics: each is there with its partitions, and how old its last record is. Roles: as 'torghut roles'.
            Scheduler: /trading/status and /metrics at TORGHUT_SCHEDULER_URL.
            Flink: the jobs of TORGHUT_FLINK_JOBS run with all tasks and take checkpoints (REST, TORGHUT_FLINK_URL).
            ClickHouse: has every event of the log that is older than TORGHUT_CLICKHOUSE_MAX_LAG_SECONDS, and none
            besides (HTTP, CLICKHOUSE_URL).

            What no setting names is not asked; its line says so, and the verdict counts it. See docs/downstream.md.
            """,
        options: options, answerNo: "a line is not as it should be; each is named"
    ) { invocation in
        let settings = try invocation.settings()
        let terms = DownstreamLook.Terms(fresh: try fresh(invocation), span: try span(invocation))
        let downstream = try DownstreamAsking.settings(invocation, settings)
        let look = try await OpenedLog.using(settings, to: .read) { opened in
            try await DownstreamLook.read(opened.log, downstream, terms, time: SystemTime())
        }
        let isWell = look.failing.isEmpty && (look.notAsked.isEmpty || !invocation.has("strict"))
        try print(look, isWell: isWell, json: invocation.json)
        return isWell ? .ok : .no
    }

    private static let options =
        DownstreamAsking.options + [
            .valued("within", "TOPIC=TIME", "a record of this topic must have come within this time", repeats: true),
            .valued(
                "last", "N", "compare the last N offsets of each partition with ClickHouse; default \(standardSpan)"),
            .switched("all", "compare everything that is kept with ClickHouse"),
            .switched("strict", "what is not asked counts as no"),
        ]

    private static func fresh(_ invocation: Invocation) throws(UsageError) -> [String: Duration] {
        var fresh: [String: Duration] = [:]
        for text in invocation.values("within") {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, TopicCatalog.topic(named: parts[0]) != nil else {
                throw UsageError("--within is TOPIC=TIME with a topic of 'torghut topics list', not '\(text)'")
            }
            fresh[parts[0]] = try invocation.time(parts[1], of: "within")
        }
        return fresh
    }

    private static func span(_ invocation: Invocation) throws(UsageError) -> Int64 {
        let last = try invocation.integer("last", atLeast: 1)
        guard last == nil || !invocation.has("all") else { throw UsageError("--last and --all ask for two things") }
        return invocation.has("all") ? .max : last ?? standardSpan
    }

    private static func print(_ look: DownstreamLook, isWell: Bool, json: Bool) throws {
        let says = verdict(look, isWell: isWell)
        guard !json else { return try StandardOutput().write(lines(look, isWell: isWell, says)) }
        var listing = Listing("part", "name", "verdict", "says")
        for line in look.lines {
            listing.add(.text(line.part.rawValue), .text(line.name), .text(line.verdict.rawValue), .text(line.says))
        }
        try listing.print(json: false)
        for line in look.failing {
            try StandardOutput().line("no: \(line.part.rawValue) \(line.name): \(line.says)")
            if let next = line.next { try StandardOutput().line("    next: \(next)") }
        }
        try StandardOutput().line(says)
    }

    private static func verdict(_ look: DownstreamLook, isWell: Bool) -> String {
        let asked = look.lines.count - look.notAsked.count
        let open = look.notAsked.isEmpty ? "" : "; \(look.notAsked.count) not asked"
        guard isWell else { return "no: \(look.failing.count) of \(asked) lines are not as they should be\(open)" }
        return "ok: \(asked) lines are as they should be\(open)"
    }

    private static func lines(_ look: DownstreamLook, isWell: Bool, _ says: String) -> [UInt8] {
        var json = JSONWriter()
        for line in look.lines {
            json.object { json in
                json.field("part", line.part.rawValue)
                json.field("name", line.name)
                json.field("verdict", line.verdict.rawValue)
                json.field("says", line.says)
                json.field("next", line.next)
            }
            json.newline()
        }
        json.object { json in
            json.field("verdict", isWell ? "ok" : "no")
            json.field("says", says)
            json.field("failing", look.failing.count)
            json.field("not_asked", look.notAsked.count)
        }
        json.newline()
        return json.finish()
    }
}

/// How neighbours are asked, for every command that does.
enum DownstreamAsking {
    static let standardTimeout: Duration = .seconds(10)
    static let maximumTimeout: Duration = .seconds(120)

    static let options: [CommandOption] = [
        .valued("ca", "FILE", "trust these authorities (PEM) instead of the machine's"),
        .valued("timeout", "TIME", "for each question over HTTP, as in 500ms or 90s; default 10s, at most 2m"),
        .switched("plain-http", "allow http to another machine"),
    ]

    static func settings(_ invocation: Invocation, _ settings: Settings) throws(UsageError) -> DownstreamSettings {
        let timeout = try invocation.duration("timeout") ?? standardTimeout
        guard timeout <= maximumTimeout else { throw UsageError("--timeout is at most 2m") }
        let trust = HTTPTrust(authorities: invocation.value("ca"), plainBeyondLoopback: invocation.has("plain-http"))
        do throws(SettingsProblems) {
            return try DownstreamSettings(settings, trust: trust, timeout: timeout)
        } catch { throw UsageError(problems: error.problems) }
    }
}
