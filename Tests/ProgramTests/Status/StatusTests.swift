import Foundation
import TestSupport
import Testing

@Suite struct `The control plane's status` {
    private func openssl(_ arguments: String...) throws {
        let verdict = try Judge.run("openssl", arguments)
        try #require(verdict.status == 0, "\(verdict.errors)")
    }

    /// The original told of a certificate nobody trusts as a mistake of its own, for weeks.
    @Test func `names a broken chain of trust, and what each role lacks before it can lead`() async throws {
        let server = try PrivatePostgres()
        let program = try Program(Ground())
        try await program.prepared()
        let path = program.ground.folder
        for name in ["server", "stranger"] {
            try openssl(
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-addext",
                "subjectAltName=DNS:localhost", "-keyout", "\(path)/\(name).key", "-out", "\(path)/\(name).crt")
        }
        try server.install(certificate: "\(path)/server.crt", key: "\(path)/server.key")
        try server.restart()
        let base = try server.database()
        let name = base.name
        func address(_ authority: String) -> String {
            server.tcpAddress(database: name).replacing("127.0.0.1", with: "localhost")
                + "?sslmode=verify-full&sslrootcert=\(path)/\(authority).crt"
        }
        let distrusting = try await RunningAPI(program, roles: "api", address: address("stranger"))
        let sight = StatusSight(address: distrusting.address)
        try await sight.waits(within: .seconds(20), for: "a database that is not trusted") {
            $0.contains { $0.part == "database" && $0.what.contains("chain of trust") }
        }
        let database = try #require(try await sight.read()["database"] as? [String: Any])
        #expect(database["tls"] as? String == "broken_chain" && database["connected"] as? Bool == false)
        for path in ["/api/torghut/trading/strategies", "/db-check"] {
            let answer = try await distrusting.curl(path)
            #expect(answer.status == 503 && answer.body.contains("chain of trust"), "\(path): \(answer)")
        }
        #expect(try await distrusting.roles.stop() == 0)

        let trusting = try await RunningAPI(program, roles: "api", address: address("server"))
        let well = StatusSight(address: trusting.address)
        try await well.waits(within: .seconds(20), for: "a database that is trusted") {
            $0.contains { $0.part == "database" && $0.what.contains("lacks the read models") }
        }
        let status = try await well.read()
        #expect((status["database"] as? [String: Any])?["tls"] as? String == "verified")
        let requirements = try #require(status["requirements"] as? [[String: Any]])
        let own = try #require(requirements.first { $0["role"] as? String == "api" })
        let missing = try #require(own["missing"] as? [String])
        #expect(missing.contains { $0.hasPrefix("migration 0001-") } && missing.contains("read model executions"))
        let router = try #require(requirements.first { $0["role"] as? String == "router" })
        #expect(router["ready"] as? Bool == true)
        #expect(try await trusting.roles.stop() == 0)
        // It is dropped with its last owner.
        withExtendedLifetime(base) {}
    }

    @Test func `says who leads, since when, what each reads, and which flags are in force`() async throws {
        let projecting = try await Projecting()
        var program = projecting.program
        program.environment["TRADING_MODE"] = "paper"
        let api = try await RunningAPI(program, roles: "api,projections", address: projecting.database.address)
        let sight = StatusSight(address: api.address)
        try await sight.waits(within: .seconds(40), for: "a system that is well") { $0.isEmpty }
        let status = try await sight.read()
        #expect((status["namespaces"] as? [[String: Any]])?.first?["namespace"] as? String == "agents")
        let process = try #require(status["process"] as? String)
        let election = try #require(status["leader_election"] as? [String: Any])
        let leaders = try #require(election["roles"] as? [[String: Any]])
        let leader = try #require(leaders.first { $0["role"] as? String == "projections" })
        #expect(leader["identity"] as? String == process && leader["is_leader"] as? Bool == true)
        #expect(leader["last_transition_at"] is String)
        let partitions = try #require(status["partitions"] as? [[String: Any]])
        let owned = partitions.filter {
            $0["role"] as? String == "projections" && $0["topic"] as? String == "torghut.decisions.v1"
        }
        #expect(owned.count == 12 && owned.allSatisfy { $0["owner"] as? String == process && $0["lag"] is Int })
        let controllers = try #require(status["controllers"] as? [[String: Any]])
        #expect(controllers.first { $0["name"] as? String == "router" }?["status"] as? String == "disabled")
        #expect(controllers.first { $0["name"] as? String == "api" }?["status"] as? String == "running")
        let flags = try #require((status["feature_flags"] as? [String: Any])?["flags"] as? [[String: Any]])
        #expect(flags.first { $0["name"] as? String == "TRADING_ENABLED" }?["source"] as? String == "default")
        let log = try #require(status["log"] as? [String: Any])
        #expect(log["engine"] as? String == "journal" && log["missing_topics"] as? [String] == [])
        #expect(try await api.curl("/health", as: nil).status == 200)
        #expect(try await api.curl("/api/agents/control-plane/status", as: nil).status == 401)
        #expect(try await api.curl("/readyz", as: nil).status == 200)
        #expect(try await api.roles.stop() == 0)
    }
}
