import Commands
import Core
import Domain
import Telemetry
import Testing
import Threading
import Wire

@testable import Runtime

@Suite struct `Gauges of the canary` {
    private let registry = Registry()

    private func house() throws -> House {
        let settings = try Settings(log: "journal:nowhere", environment: [:])
        let time = SystemTime()
        return House(
            settings: settings, log: NoLog(), logbook: Logbook(time: time) { _ in }, registry: registry, time: time)
    }

    private static let moment = Timestamp(nanoseconds: 1_000_000_000)

    private func judged(
        _ breach: BreachType, _ verdict: Verdict, observed: Amount?, sample: Int64 = 40, judgesErrors: Bool = true
    ) -> Event {
        let window = GateWindow(
            verdict: verdict, windowStart: .earliest, windowEnd: Self.moment, sample: sample, minimumSample: 20,
            policyHash: ContentHash((0, 0, 0, 0)), evaluatedAt: Self.moment, vector: PositionVector(positions: []))
        let terms = CanaryTerms(
            windowMicroseconds: 1, minimumSample: 20, pendingLimitMicroseconds: 1, fallbackRatioLimit: Amount(1),
            errorRateLimit: judgesErrors ? Amount(1) : nil, cryptoOnly: false, symbols: [], accounts: [],
            tradingMode: .paper, hardRollbackEnabled: false, dryRun: false)
        let content = CanaryJudged(
            window: window, breachType: breach, leanTotal: 1, fallbackTotal: 1, fallbackRatioLimit: Amount(1),
            fallbackReasons: [], symbols: [], hardRollbackEnabled: false, action: .none, observed: observed,
            threshold: Amount(1), terms: terms)
        return Event(
            Envelope(
                eventID: EventID(hashed: 1, 1), eventTime: Self.moment, ingestTime: Self.moment,
                source: SourceName(trusted: "gates"), correlation: StoryID(hashed: 1, 1)),
            .canary(.canaryJudged(content)))
    }

    private func says(_ line: String) -> Bool { registry.render().contains(line + "\n") }

    @Test func `show what is measured now, never what was before`() throws {
        let watch = CanaryWatch(try house())
        var fold = GatesFold()
        let policy = PolicyInForce(Policy(settings: { _ in nil }), mint: EventMint.mint).policy.gates
        func take(_ event: Event) {
            fold.fold(event, at: RecordPosition(TopicPartition("torghut.lean.canary.v1", 0), 0), under: policy)
            watch.folded(fold)
        }
        take(judged(.errorRateExceeded, .breach, observed: Amount(3)))
        #expect(says(#"torghut_trading_lean_canary_ratio{breach_type="error_rate_exceeded"} 3"#))
        #expect(says(#"torghut_trading_lean_canary_verdict{breach_type="error_rate_exceeded",verdict="breach"} 1"#))
        // Too few to say anything: the ratio of the breach is not the ratio now.
        take(judged(.errorRateExceeded, .inconclusive, observed: nil, sample: 2))
        #expect(says(#"torghut_trading_lean_canary_ratio{breach_type="error_rate_exceeded"} NaN"#))
        #expect(says(#"torghut_trading_lean_canary_verdict{breach_type="error_rate_exceeded",verdict="breach"} 0"#))
        #expect(says(#"torghut_trading_lean_canary_sample{breach_type="error_rate_exceeded"} 2"#))
        // The limit was taken away: nothing is said of it any more.
        take(judged(.fallbackRatioExceeded, .pass, observed: Amount(0), judgesErrors: false))
        #expect(!registry.render().contains(#"breach_type="error_rate_exceeded""#))
        #expect(says(#"torghut_trading_lean_canary_ratio{breach_type="fallback_ratio_exceeded"} 0"#))
        // Another process judges now.
        watch.left()
        #expect(!registry.render().contains("breach_type="))
    }

    @Test func `say that no rollback was timed until one was`() throws {
        _ = CanaryWatch(try house())
        #expect(says("torghut_trading_lean_canary_rollback_seconds NaN"))
    }
}

/// A log that nobody asks.
private struct NoLog: EventLog {
    private var closed: LogError { LogError(.open, .closed) }

    func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] { throw closed }
    func writer(named name: String) async throws(LogError) -> any EventWriter { throw closed }
    func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] { throw closed }
    func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader { throw closed }
    func join(group: String, sharing topic: String) async throws(LogError) -> any Membership { throw closed }
    func close() async {}
    func describe() async throws(LogError) -> [TopicDescription] { throw closed }
    func create(_ topics: [TopicSpec]) async throws(LogError) { throw closed }
    func adjust(_ topic: TopicSpec) async throws(LogError) { throw closed }
    func delete(_ topic: String) async throws(LogError) { throw closed }
}
