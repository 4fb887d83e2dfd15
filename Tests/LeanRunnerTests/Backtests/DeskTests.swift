import Core
import Foundation
import HTTPClient
import Telemetry
import TestSupport
import Testing
import Threading

@testable import lean_runner

/// The desk by itself, and the runner over a disk that does not do its part.
@Suite struct `The desk of backtests` {
    private let folder = TemporaryFolder()
    private static let config = Document.object(["n": .integer(1)])
    private static let identity = BacktestIdentity(config, in: .research)

    /// A desk over the same folder, as after a kill: the one before is not told.
    private func desk() throws -> BacktestDesk {
        let time = SystemTime()
        return try BacktestDesk(
            BacktestSettings(), BacktestStore(folder.path + "/runs"), time: time,
            logbook: Logbook(time: time) { _ in })
    }

    @Test func `forgets no cancel that it answered, though it is killed before the run hears of it`() async throws {
        let first = try desk()
        let id = try first.submit(Self.identity, config: Self.config, key: nil).state.id
        _ = try #require(await first.next())
        _ = try first.cancel(id, by: "ann")
        let second = try desk()
        let state = try #require(second.state(of: id)?.state)
        #expect(state.status == .cancelled && state.reason == "cancelled by ann")
        // Asked for anew it is not cancelled any more.
        _ = try second.submit(Self.identity, config: Self.config, key: nil)
        _ = try #require(await second.next())
        #expect(try desk().state(of: id)?.state.status == .running)
    }

    @Test func `counts the deaths of the run that was asked for, and not those of the asking before`() async throws {
        var desk = try desk()
        let id = try desk.submit(Self.identity, config: Self.config, key: nil).state.id
        for _ in 0..<BacktestDesk.maximumAttempts {
            _ = try #require(await desk.next())
            desk = try self.desk()
        }
        #expect(desk.state(of: id)?.state.reason == "the runner died 5 times during this run")
        _ = try desk.submit(Self.identity, config: Self.config, key: nil)
        _ = try #require(await desk.next())
        desk = try self.desk()
        #expect(desk.state(of: id)?.state.status == .running)
        #expect(desk.state(of: id)?.state.attempts == 1)
    }

    @Test func `keeps what came of a run until the disk takes it`() async throws {
        let ground = try BacktestGround()
        // A folder where the state is written beside: no state of this run comes to the disk.
        let script = #"echo x >> "$(dirname "$0")/launches"; mkdir -p ../state.json.new; echo '{"summary": {"a": 1}}'"#
        let runner = try ground.start(["LEAN_LAUNCHER_COMMAND": try ground.launcher(script)])
        let id = try await ground.submit(runner, #"{"config": {"n": 1}}"#)
        let deadline = ContinuousClock.now + .seconds(30)
        while try !runner.said().contains("backtest_not_saved") {
            guard ContinuousClock.now < deadline else { throw NeverCame("a state that is not saved") }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await runner.ask(.get, "/v1/backtests/\(id)")?.json("status", as: String.self) == "running")
        try FileManager.default.removeItem(atPath: ground.folder.path + "/runner/backtests/\(id)/state.json.new")
        let done = try await ground.wait(runner, id)
        #expect(done.json("status", as: String.self) == "completed")
        #expect(done.json("attempts", as: Int.self) == 1)
        let launches = try String(contentsOfFile: ground.folder.path + "/launches", encoding: .utf8)
        #expect(launches == "x\nx\n", "it was not launched again")
    }

    @Test func `that cannot be opened keeps no order from being looked after`() async throws {
        let ground = try BacktestGround()
        let path = ground.folder.path + "/runner/backtests"
        try "in the way".write(toFile: path, atomically: true, encoding: .utf8)
        let runner = try ground.start()
        let refused = try #require(await runner.ask(.post, "/v1/backtests", BacktestGround.config()))
        #expect(refused.status == 503 && refused.code == "backtest_store_unavailable")
        #expect(await runner.ask(.get, "/healthz") != nil)
        try FileManager.default.removeItem(atPath: path)
        try await ground.wait(runner, try await ground.submit(runner))
    }
}
