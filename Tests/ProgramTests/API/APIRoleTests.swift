import Foundation
import TestSupport
import Testing

@Suite struct `The HTTP API` {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/api.md").standardizedFileURL

    @Test func `does what its page says, route by route`() async throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let block = try #require(text.components(separatedBy: "```sh\n").last?.components(separatedBy: "```").first)
        let lines = block.split(separator: "\n").map(String.init)
        let projecting = try await Projecting()
        let api = try await RunningAPI(
            projecting.program, roles: "api,projections", address: projecting.database.address)
        try await eventually("readiness") { try await api.curl("/readyz").status == 200 }
        let steps = try lines.map { line in
            let parts = line.components(separatedBy: "  # ")
            try #require(parts.count == 2, "\(line)")
            return parts
        }
        let script = steps.map { "\($0[0]) -sS -o /dev/null -w '%{http_code}\\n'" }.joined(separator: "\n")
        let address = api.address
        let verdict = try await aside {
            try Judge.run("env", ["API=\(address)", "AUTH=\(RunningAPI.auth)", "bash", "-c", script])
        }
        try #require(verdict.lines.count == steps.count, "\(verdict.output)\(verdict.errors)")
        for (step, status) in zip(steps, verdict.lines) { #expect(String(status) == step[1], "\(step[0])") }
        let document = try await api.curl("/openapi.json").body
        let paths = try #require(
            JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: any Sendable])["paths"]
        for (path, operations) in try #require(paths as? [String: [String: any Sendable]]) {
            let pattern = try Regex("API\(path.replacing(#/\{[a-z]+\}/#, with: "[^/?\"]+"))[\"?]")
            for method in operations.keys {
                let isWalked = lines.contains { $0.contains(pattern) && $0.contains(" -d ") == (method == "post") }
                #expect(isWalked, "\(method) \(path) is not in the walk-through")
            }
        }
        #expect(try await api.roles.stop() == 0)
    }

    @Test func `pages through decisions, each once, and says when nothing has changed`() async throws {
        let projecting = try await Projecting()
        try await projecting.program.prepared()
        let api = try await RunningAPI(
            projecting.program, roles: "api,projections", address: projecting.database.address)
        for number in 1...5 {
            let taken = try await api.post("/trading/decisions?wait=30", RunningAPI.decision(number))
            #expect(taken.status == 202 && taken.body.contains("\"reflected\":true"), "\(taken)")
        }
        let again = try await api.post("/trading/decisions", RunningAPI.decision(3))
        #expect(again.status == 202 && again.body.contains("\"repeated\":true"), "\(again)")
        #expect(try await api.post("/trading/decisions", RunningAPI.decision(3, qty: "11")).status == 409)
        #expect(try await api.post("/trading/decisions", RunningAPI.decision(6), as: RunningAPI.reader).status == 403)
        let records = try await projecting.program.run("log", "read", "--topic", "torghut.decisions.v1")
        #expect(records.text.contains("torghut-actor"), "\(records.text)")
        try await eventually("the caller in the log of requests") {
            try api.roles.text().contains(#""caller":"anna""#)
        }

        var seen: [String] = []
        var path: String? = "/trading/decisions?symbol=AAPL&limit=2"
        while let next = path, seen.count < 10 {
            let page = try await api.curl(next, as: RunningAPI.reader)
            try #require(page.status == 200, "\(page)")
            let pieces = page.body.split(separator: "\"created_at\":\"").dropFirst()
            seen += pieces.map { String($0.prefix { $0 != "\"" }) }
            path = page.header("Torghut-Next-Cursor").map { "/trading/decisions?symbol=AAPL&limit=2&cursor=\($0)" }
        }
        #expect(seen == (1...5).reversed().map { "2026-02-12T14:03:0\($0)Z" })

        let first = try await api.curl("/trading/decisions")
        let tag = try #require(first.header("ETag"))
        #expect(first.header("Torghut-Position")?.hasPrefix("trade_decisions/1 ") == true)
        #expect(try await api.curl("/trading/decisions", "-H", "If-None-Match: \(tag)").status == 304)
        _ = try await api.post("/trading/decisions?wait=30", RunningAPI.decision(7))
        #expect(try await api.curl("/trading/decisions", "-H", "If-None-Match: \(tag)").status == 200)
        #expect(try await api.curl("/trading/decisions?cursor=12_34").status == 400)
        #expect(try await api.roles.stop() == 0)
    }

    @Test func `goes on without Postgres, but for what is read from it`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let api = try await RunningAPI(
            program, roles: "api", address: "host=\(program.ground.folder) user=nobody dbname=none")
        for path in ["/trading/executions", "/trading/decisions", "/db-check", "/trading/lean/shadow/parity"] {
            let answer = try await api.curl(path)
            #expect(answer.status == 503 && answer.header("Retry-After") != nil, "\(path): \(answer)")
            #expect(!answer.body.contains(program.ground.folder), "\(answer.body)")
        }
        #expect(try await api.post("/trading/decisions", RunningAPI.decision(1)).status == 202)
        let killed = try await api.post("/trading/control/kill", #"{"reason":"a drill"}"#)
        #expect(killed.status == 200 && killed.body.contains("\"complete\":true"), "\(killed)")
        #expect(FileManager.default.fileExists(atPath: program.ground.folder + "/.torghut/KILL"))
        #expect(try await program.run("control", "status").status != 0)
        #expect(try await api.post("/trading/control/resume", #"{"reason":"over"}"#).status == 200)
        #expect(try await program.run("control", "status").status == 0)
        let said = try await program.run("log", "read", "--topic", "torghut.control.v1", "--to", "end")
        #expect(said.text.contains("anna") && said.text.contains("a drill"), "\(said.text)")
        #expect(try await api.post("/trading/control/kill", "{}").status == 422)
        #expect(try await api.post("/trading/control/kill", #"{"reason":"x"}"#, as: RunningAPI.reader).status == 403)
        #expect(try await api.post("/trading/control/kill", #"{"reason":"x"}"#, as: nil).status == 401)
        #expect(try !api.roles.text().contains("anna-token"))
        #expect(try await api.roles.stop() == 0)
    }

    @Test func `streams what moves, and goes on where a client left off`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let api = try await RunningAPI(
            program, roles: "api", address: "host=\(program.ground.folder) user=nobody dbname=none")
        let first = try await api.opening()
        let id = try #require(first.firstMatch(of: #/id: (v1-[0-9.]+)/#)?.output.1)
        _ = try await api.post("/trading/decisions", RunningAPI.decision(1))
        _ = try await api.post("/trading/control/lanes/execution/disable", #"{"reason":"missed"}"#)
        let resumed = try await api.curl("/trading/stream", "-N", "--max-time", "2", "-H", "Last-Event-ID: \(id)")
        #expect(resumed.body.contains("event: decision.recorded"), "\(resumed)")
        #expect(resumed.body.contains("event: control.lane_disabled") && !resumed.body.contains("snapshot"))
        let last = try #require(resumed.body.matches(of: #/id: (v1-[0-9.]+)/#).last?.output.1)
        let level = try await api.curl("/trading/stream", "-N", "--max-time", "1", "-H", "Last-Event-ID: \(last)")
        // How far behind everybody is may be told meanwhile; what has a place on the log has an id.
        #expect(!level.body.contains("id:") && !level.body.contains("snapshot"), "\(level)")
        #expect(try await api.curl("/trading/stream", "-H", "Last-Event-ID: v1-1.2").status == 400)
        let beyond = id.split(separator: ".").dropLast().joined(separator: ".") + ".99"
        #expect(try await api.curl("/trading/stream", "-H", "Last-Event-ID: \(beyond)").status == 409)
        #expect(try await api.roles.stop() == 0)
    }
}
