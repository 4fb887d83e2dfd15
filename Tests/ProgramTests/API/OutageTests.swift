import Foundation
import TestSupport
import Testing

@Suite struct `The API in an outage` {
    @Test func `says that Postgres is away where it reads, stops and steers on, and reads again when it is back`()
        async throws
    {
        let server = try PrivatePostgres()
        let projecting = try await Projecting(on: server)
        try await projecting.program.prepared()
        let api = try await RunningAPI(
            projecting.program, roles: "api,projections", address: projecting.database.address)
        let taken = try await api.post("/trading/decisions?wait=30", RunningAPI.decision(1))
        #expect(taken.status == 202 && taken.body.contains("\"reflected\":true"), "\(taken)")
        try server.stop(.immediate)
        for path in [
            "/trading/executions", "/trading/executions/00000000-0000-8000-8000-000000000000", "/trading/decisions",
            "/trading/lean/backtests", "/trading/lean/shadow/parity", "/trading/control/state", "/db-check",
        ] {
            let answer = try await api.curl(path)
            #expect(answer.status == 503 && answer.body.contains("database_unavailable"), "\(path): \(answer)")
            #expect(answer.header("Retry-After") != nil, "\(path): \(answer)")
        }
        let record = #"{"record":"torghut.decisions.v1/0/0","action":"skip","reason":"x"}"#
        #expect(try await api.post("/trading/quarantine", record).status == 503)
        // What needs only the log goes on; a wait for a read model ends, and says so.
        let waited = try await api.post("/trading/decisions?wait=1", RunningAPI.decision(2))
        #expect(waited.status == 202 && waited.body.contains("\"reflected\":false"), "\(waited)")
        let reason = #"{"reason":"a drill"}"#
        for path in [
            "kill", "resume", "emergency-stop/latch", "emergency-stop/clear", "lanes/lean/disable", "lanes/lean/enable",
        ] {
            let answer = try await api.post("/trading/control/" + path, reason)
            #expect(answer.status == 200, "\(path): \(answer)")
        }
        #expect(try await api.curl("/trading/control").status == 200)
        #expect(try await api.curl("/trading/lean/canary").status == 200)
        try server.start()
        try await eventually("an answer") { try await api.curl("/trading/decisions").status == 200 }
        #expect(try await api.roles.stop() == 0)
    }

    @Test func `says that the log is away where it writes, and stops all the same`() async throws {
        var program = try Program(Ground())
        let cluster = try Running(program, "kafka", "dev")
        let address = try #require(cluster.line())
        program.environment = [
            "TORGHUT_LOG": "kafka:\(address)", "TORGHUT_KAFKA_PROPS": "reconnect.backoff.max.ms=500",
        ]
        let api = try await RunningAPI(
            program, roles: "api", address: "host=\(program.ground.folder) user=nobody dbname=none")
        #expect(try await api.post("/trading/decisions", RunningAPI.decision(1)).status == 202)
        cluster.signal(SIGSTOP)
        let reason = #"{"reason":"a drill"}"#
        let questions: [(String, String)] = [
            ("/trading/decisions", RunningAPI.decision(2)), ("/trading/control/resume", reason),
            ("/trading/control/lanes/lean/disable", reason), ("/trading/control/emergency-stop/latch", reason),
            ("/trading/control/reviews/open", #"{"reason":"a drill","symbol":"BTC/USD"}"#),
            ("/trading/control/strategies/s1/disable", reason), ("/trading/control/policy", reason),
            ("/trading/lean/backtests", #"{"config":{}}"#),
            ("/trading/lean/canary/incidents/none/resolve", reason),
        ]
        let client = api.client
        try await withThrowingTaskGroup(of: (String, RunningAPI.Answer).self) { group in
            for (path, body) in questions { group.addTask { (path, try await client.post(path, body)) } }
            group.addTask { ("kill", try await client.post("/trading/control/kill", reason)) }
            for try await (path, answer) in group {
                if path == "kill" {
                    #expect(answer.status == 200 && answer.body.contains("\"engaged\":true"), "\(answer)")
                    #expect(answer.body.contains("\"complete\":false"), "\(answer)")
                } else {
                    #expect(answer.status == 503 && answer.body.contains("log_unavailable"), "\(path): \(answer)")
                    #expect(answer.header("Retry-After") != nil, "\(path): \(answer)")
                }
            }
        }
        let latch = program.ground.folder + "/.torghut/KILL"
        #expect(FileManager.default.fileExists(atPath: latch))
        // Neither log nor latch: a link to nowhere can be neither made nor written to.
        try FileManager.default.removeItem(atPath: latch)
        try FileManager.default.createSymbolicLink(
            atPath: latch, withDestinationPath: program.ground.folder + "/nowhere/KILL")
        let hopeless = try await api.post("/trading/control/kill", reason)
        #expect(hopeless.status == 503 && hopeless.body.contains("NOT STOPPED"), "\(hopeless)")
        cluster.signal(SIGCONT)
        try await eventually("the log again") {
            try await api.post("/trading/control/lanes/lean/enable", reason).status == 200
        }
        #expect(try await api.roles.stop() == 0)
        cluster.signal(SIGTERM)
        #expect(try await cluster.process.finish() == 0)
    }
}
