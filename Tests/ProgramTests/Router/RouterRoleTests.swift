import Core
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct `Running the router role` {
    @Test func `names every credential that is missing, and touches nothing`() async throws {
        let program = try Program(Ground())
        let refused = try await program.run("run", "--roles", "router")
        #expect(refused.status == 2, "\(refused.err)")
        for name in ["APCA_API_KEY_ID", "APCA_API_SECRET_KEY"] {
            #expect(refused.err.contains("role router: \(name) is not set"), "\(refused.err)")
        }
        #expect(!FileManager.default.fileExists(atPath: program.ground.folder + "/.torghut"))
    }

    /// The names of what `torghut.control.v1` says about settings.
    private func warnings(_ trading: Trading) async throws -> [String] {
        let read = try await trading.program.run("log", "read", "--topic", TopicCatalog.control.name)
        return try read.lines.compactMap { line in
            let value = try fields(try #require(try fields(line)["value"] as? String))
            guard value["event_type"] as? String == "control.flag_changed" else { return nil }
            let payload = try #require(value["payload"] as? [String: Any])
            #expect((payload["reason"] as? String)?.hasPrefix("warning: ") == true)
            return payload["name"] as? String
        }
    }

    @Test(arguments: [
        ["TRADING_EXECUTION_ADAPTER": "laen", "TRADING_EXECUTION_ADAPTER_POLICY": "all"],
        ["TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "allowlist"],
        [
            "TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "all",
            "TRADING_LEAN_RUNNER_URL": "",
        ],
    ])
    func `sends by Alpaca what is misconfigured, and warns on the log once`(settings: [String: String]) async throws {
        let broker = try Simulator("alpaca")
        let runner = try Simulator("lean", "--to", broker.address())
        var trading = try Trading()
        trading.program.environment["APCA_API_BASE_URL"] = broker.address()
        trading.program.environment["TRADING_LEAN_RUNNER_URL"] = runner.address()
        trading.program.environment.merge(settings) { $1 }
        for start in 0..<2 {
            let process = try Projector(trading.program, ["run", "--roles", "commands,router"])
            try await eventually("topics") { try await trading.program.run("topics", "verify").status == 0 }
            if start == 0 {
                try await trading.open()
                #expect(try await trading.enable().status == 0)
            }
            let submitted = try await trading.program.run(
                "decisions", "submit", input: Trading.line(start, symbol: "S\(start)"))
            #expect(submitted.status == 0, "\(submitted.err)")
            try await eventually("order \(start)") {
                try await broker.control("/_sim/summary")("submits", as: Int.self) == start + 1
            }
            try await eventually("its outcome") {
                let read = try await trading.program.run("log", "read", "--topic", TopicCatalog.route.name)
                return read.lines.count { $0.contains("route.attempt_accepted") } == start + 1
            }
            let status = try await process.stop()
            let said = try process.text()
            #expect(status == 0, "\(said)")
        }
        #expect(try await runner.control("/_sim/log").count("entries") == 0)
        let warned = try await warnings(trading)
        #expect(warned.count == 1, "\(warned)")
        #expect(warned.allSatisfy { $0.hasPrefix("TRADING_") })
    }
}
