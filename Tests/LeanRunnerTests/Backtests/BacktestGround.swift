import Core
import Digest
import Foundation
import HTTPClient
import TestSupport
import Testing

/// A folder with market data and the runner over it; no broker is asked by a backtest.
final class BacktestGround: Sendable {
    let folder = TemporaryFolder()
    private let pool = HTTPPool(lanes: 2, limits: HTTPLimits(totalTimeout: .seconds(30)))

    init(bars: Int = 600) throws {
        let market = folder.path + "/runner/market"
        try FileManager.default.createDirectory(atPath: market, withIntermediateDirectories: true)
        try Self.csv(bars).write(toFile: market + "/bars.csv", atomically: true, encoding: .utf8)
        try "secret".write(toFile: folder.path + "/outside.csv", atomically: true, encoding: .utf8)
    }

    /// The walk that the strategies like: up and down in turns.
    static func csv(_ count: Int) -> String {
        var (state, price) = (UInt64(7), Int64(10_000))
        var text = "ts,symbol,open,high,low,close,volume\n"
        for index in 0..<count {
            let open = price
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            price = max(500, price + Int64((state >> 33) % 61) - 30 + ((index / 40) % 2 == 0 ? 6 : -6))
            func cents(_ value: Int64) -> String { "\(value / 100).\(value % 100 < 10 ? "0" : "")\(value % 100)" }
            let time = 1_700_000_040_000 + Int64(index) * 60_000
            text += "\(time),BTC/USD,\(cents(open)),\(cents(max(open, price) + 7)),"
            text += "\(cents(min(open, price) - 5)),\(cents(price)),500\n"
        }
        return text
    }

    static func config(path: String = "bars.csv", seed: Int = 1, more: String = "") -> String {
        """
        {"config": {"symbols": ["BTC/USD"], "data": [{"path": "\(path)", "format": "csv", "holds": "bars"}],
        "strategies": [{"strategy_id": "tsmom", "type": "intraday_tsmom_v1", "version": "1.1.0",
                        "params": {"qty": "3"}},
                       {"strategy_id": "legacy", "type": "legacy_macd_rsi", "version": "1.0.0"}],
        "execution": {"latency_seed": \(seed), "commission_bps": "1"}\(more)}}
        """
    }

    func start(_ environment: [String: String] = [:]) throws -> RunnerProgram {
        try RunnerProgram(broker: "http://127.0.0.1:9", data: folder.path, environment: environment)
    }

    /// A launcher made of a script; it gets the configuration's path as its last argument.
    func launcher(_ script: String) throws -> String {
        let path = folder.path + "/launcher.sh"
        try ("#!/bin/sh\n" + script).write(toFile: path, atomically: true, encoding: .utf8)
        return "/bin/sh \(path)"
    }

    func submit(_ runner: RunnerProgram, _ body: String = config(), key: String? = nil) async throws -> String {
        let headers = key.map { [(name: "Idempotency-Key", value: $0)] } ?? []
        let answer = try #require(await runner.ask(.post, "/v1/backtests", body, headers: headers))
        try #require(answer.status == 200, "\(answer.json("detail", as: String.self) ?? "")")
        return try #require(answer.json("backtest_id", as: String.self))
    }

    /// Waits until the run is as it should be.
    @discardableResult
    func wait(
        _ runner: RunnerProgram, _ id: String, _ what: String = "its end",
        until isThere: (RunnerProgram.Answer) -> Bool = {
            ["completed", "failed", "cancelled"].contains($0.json("status", as: String.self) ?? "")
        }
    ) async throws -> RunnerProgram.Answer {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if let answer = await runner.ask(.get, "/v1/backtests/\(id)"), isThere(answer) { return answer }
            guard ContinuousClock.now < deadline else { throw NeverCame("\(what) of \(id)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func fetch(_ runner: RunnerProgram, _ path: String) async throws -> HTTPResponse {
        try await pool.exchange(HTTPRequest(.get, runner.address + path)).result.get()
    }
}
