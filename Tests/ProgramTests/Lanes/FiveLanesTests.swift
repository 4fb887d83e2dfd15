import Foundation
import TestSupport
import Testing

@Suite struct `All five lanes at once` {
    @Test func `fill their topics and tables, and the canary's verdicts can be computed again`() async throws {
        try await Self.hold(intents: 120, patience: .seconds(90))
    }

    static func hold(intents: Int, patience: Duration) async throws {
        var lanes = try await FiveLanes(patience: patience)
        let running = try await lanes.open()
        let watch = try await BusyWatch(running, runner: lanes.runner.address, database: lanes.database.address)
        let start = ContinuousClock.now
        try await lanes.goWell(intents)
        print("\(intents) intents through all lanes in \(ContinuousClock.now - start)")
        try await BusyScrape(torghut: running.address, runner: lanes.runner.address).judge(intents)
        try await watch.judgeCalm()
        try await lanes.breach(from: intents)
        try await watch.judgeBreach()
        try await watch.judgeFiles()
        #expect(try await running.stop() == 0)
        let said = try await lanes.computeAgain()
        print(said)
        #expect(said.hasSuffix("verdicts recomputed: all equal"))
    }
}

@Suite(.enabled(if: Storm.isOn))
struct `Soak: all five lanes at once` {
    @Test func `on thousands of intents`() async throws {
        try await `All five lanes at once`.hold(intents: 5_000, patience: .seconds(1_200))
    }
}
