import Foundation
import TestSupport
import Testing

@Suite struct `The API's document` {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../deploy/check-api.sh").standardizedFileURL.path
    private static let seed: UInt64 = 8

    /// The lives of some orders with everything that happens beside them: a day that was.
    private static let day = StoryTeller(StoryTeller.Settings(seed: seed, orders: 300, symbols: 6, open: 30))

    /// schemathesis makes requests of its own from the document, good ones and bad ones.
    @Test func `holds against a server over a day of trading, whatever schemathesis thinks of`() async throws {
        let projecting = try await Projecting()
        var program = projecting.program
        try await program.prepared()
        try await program.tell(Self.day)
        try await program.tell(try GateDay.events())
        let runner = try RunnerProgram(broker: "http://127.0.0.1:9", data: program.ground.folder + "/runner")
        program.environment["TRADING_LEAN_RUNNER_URL"] = runner.address
        program.environment["TRADING_LEAN_BACKTEST_ENABLED"] = "true"
        let api = try await RunningAPI(
            program, roles: "api,projections,lanes", address: projecting.database.address)
        try await projecting.waitUntilFolded()
        for path in [
            "/trading/executions", "/trading/decisions", "/trading/discrepancies", "/trading/lean/backtests",
            "/trading/lean/canary/incidents", "/trading/control/state", "/trading/control/history",
            "/trading/strategy-shadow", "/trading/lean/canary/verdicts", "/trading/lean/rollout",
        ] {
            let page = try await api.curl(path)
            #expect(page.status == 200 && page.body != "[]", "\(path): \(page)")
            #expect(page.header("Torghut-Position")?.contains(" torghut.") == true, "\(path): \(page.headers)")
        }
        let address = api.address
        let verdict = try await aside {
            try Judge.run("bash", [Self.script, address, RunningAPI.trader, "20", "\(Self.seed)"])
        }
        #expect(verdict.status == 0, "seed \(Self.seed)\n\(verdict.output)\(verdict.errors)")
        #expect(verdict.output.contains(" passed"), "\(verdict.output)")
        let said = try api.roles.text()
        #expect(!said.contains("api_failure"), "\(said.split(separator: "\n").filter { $0.contains("api_failure") })")
        #expect(try await api.roles.stop() == 0)
        #expect(runner.isRunning)
    }
}
