import Core
import Domain
import Engine
import Foundation
import Testing

@Suite struct `Strategies over made-up bars` {
    /// The same walk as in `golden.py`.
    private func closes(seed: UInt64, count: Int) -> [Amount] {
        var (state, price) = (seed, Int64(10_000))
        return (0..<count).map { index in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let step = Int64((state >> 33) % 61) - 30
            price = max(100, price + step + ((index / 40) % 2 == 0 ? 6 : -6))
            return Amount(units: Int128(price) * 10_000_000)
        }
    }

    private func word(_ signal: Signal?) -> String {
        signal.map { "\($0.direction.side.rawValue):\($0.confidence.units)" } ?? "-"
    }

    @Test(arguments: [7, 8, 9] as [UInt64])
    func `see and say what Python's decimals compute, digit for digit`(seed: UInt64) throws {
        let count = 3_000
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/python3")
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "golden.py")
        python.arguments = [script.path(), "\(seed)", "\(count)"]
        let output = Pipe()
        python.standardOutput = output
        try python.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        #expect(python.terminationStatus == 0)
        let expected = text.split(separator: "\n").map(String.init)
        try #require(expected.count == count)

        let legacy = Strategy(id: "a", rules: .legacyMacdRsi(LegacyMacdRsi()), qty: 1, symbols: [0])
        let tsmom = Strategy(id: "b", rules: .intradayTsmom(IntradayTsmom()), qty: 1, symbols: [0])
        var indicators = Indicators()
        var decisions = 0
        for (index, close) in closes(seed: seed, count: count).enumerated() {
            try indicators.add(close)
            let seen = indicators.features(withVolatility: true)
            let numbers = [seen.ema12, seen.ema26, seen.macd, seen.macdSignal, seen.rsi14, seen.volatility]
            let said = [signal(of: legacy, seen), signal(of: tsmom, seen)]
            decisions += said.count { $0 != nil }
            let line = (numbers.map { $0.map { "\($0.units)" } ?? "-" } + said.map(word)).joined(separator: " ")
            try #require(line == expected[index], "bar \(index), seed \(seed)")
        }
        #expect(decisions > 50)
    }

    /// Nothing while a feature has no value yet.
    private func signal(of strategy: Strategy, _ features: Features) -> Signal? {
        do { return try strategy.signal(features) } catch { return nil }
    }

    private func tsmom(
        ema: (Amount, Amount), macd: String, signal: String, rsi: Amount, vol: String?
    ) throws -> Signal? {
        let features = Features(
            price: 100, ema12: ema.0, ema26: ema.1, macd: try Amount(macd), macdSignal: try Amount(signal), rsi14: rsi,
            volatility: try vol.map { try Amount($0) })
        return try Strategy(id: "b", rules: .intradayTsmom(IntradayTsmom()), qty: 1, symbols: [0]).signal(features)
    }

    @Test func `momentum buys inside its bounds, and the bounds belong to it`() throws {
        let up: (Amount, Amount) = (101, 100)
        #expect(try tsmom(ema: up, macd: "0.04", signal: "0", rsi: 52, vol: "0.012")?.confidence == Amount("0.64"))
        #expect(try tsmom(ema: up, macd: "0.08", signal: "0", rsi: 62, vol: "0.001")?.confidence == Amount("0.74"))
        #expect(try tsmom(ema: up, macd: "0.08", signal: "0", rsi: 62, vol: nil)?.confidence == Amount("0.71"))
        for (macd, rsi, vol) in [
            ("0.039999999", 52, "0.001"), ("0.04", 51, "0.001"), ("0.04", 63, "0.001"), ("0.04", 52, "0.000999999"),
            ("0.04", 52, "0.012000001"),
        ] as [(String, Amount, String)] {
            #expect(try tsmom(ema: up, macd: macd, signal: "0", rsi: rsi, vol: vol) == nil)
        }
    }

    @Test func `momentum sells whatever the volatility, and not too far below`() throws {
        let down: (Amount, Amount) = (99, 100)
        #expect(try tsmom(ema: down, macd: "-0.05", signal: "0", rsi: 66, vol: "9")?.confidence == Amount("0.62"))
        #expect(try tsmom(ema: down, macd: "-0.12", signal: "0", rsi: 72, vol: nil)?.confidence == Amount("0.65"))
        #expect(try tsmom(ema: down, macd: "-0.12", signal: "0", rsi: 72, vol: nil)?.direction == .down)
        for (macd, rsi) in [("-0.049999999", 66), ("-0.120000001", 66), ("-0.05", 65)] as [(String, Amount)] {
            #expect(try tsmom(ema: down, macd: macd, signal: "0", rsi: rsi, vol: nil) == nil)
        }
    }

    @Test func `a zero parameter is the default`() {
        var given = IntradayTsmom.Parameters()
        given.bullRSIMinimum = 40
        let rules = IntradayTsmom(given)
        #expect(rules.parameters.bullRSIMinimum == 40)
        #expect(rules.parameters.bullRSIMaximum == 62)
        #expect(LegacyMacdRsi(buyBelow: .zero, sellAbove: 80) == LegacyMacdRsi(buyBelow: 35, sellAbove: 80))
    }
}
