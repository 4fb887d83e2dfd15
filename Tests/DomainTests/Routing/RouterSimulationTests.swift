import Core
import Domain
import TestSupport
import Testing

/// Many seeds of the simulated world.
enum RouterSimulation {
    static let policy: PolicyInForce = {
        let settings = [
            "TRADING_ENABLED": "true", "TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "all",
            "TRADING_LEAN_RUNNER_URL": "http://runner", "TRADING_LEAN_RUNNER_TIMEOUT_SECONDS": "3",
            "TRADING_SYMBOL_REVIEW_FALLBACK_LIMIT": "1",
        ]
        return PolicyInForce(Policy(settings: { settings[$0] }), mint: TestMint.mint)
    }()

    static func run(_ seed: UInt64, flaw: Flaw? = nil) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, policy: policy, flaw: flaw)
        world.run()
        return world
    }

    /// Every seed twice; what failed, and how many events there were.
    static func run(seeds: Range<UInt64>) async -> (failures: [String], events: Int) {
        let middle = seeds.lowerBound + UInt64(seeds.count / 2)
        async let first = half(seeds.lowerBound..<middle)
        async let second = half(middle..<seeds.upperBound)
        let (one, two) = await (first, second)
        return (one.failures + two.failures, one.events + two.events)
    }

    @concurrent private static func half(_ seeds: Range<UInt64>) async -> (failures: [String], events: Int) {
        var failures: [String] = []
        var events = 0
        for seed in seeds {
            let world = run(seed)
            failures += world.failures
            events += world.log.records.count
            if run(seed).trace.hash != world.trace.hash { failures.append("seed \(seed): two runs, two traces") }
            if failures.count > 5 { break }
        }
        return (failures, events)
    }
}

@Suite struct `A router in a simulated world` {
    @Test func `sends no intent twice, stops when it must, and forgets nothing, whatever dies or lies`() async {
        let result = await RouterSimulation.run(seeds: 1..<2_001)
        #expect(result.failures == [])
        #expect(result.events > 40_000)
    }

    /// Worlds that once went wrong: an order was to be canceled, was replaced first, and its replacement filled at once.
    @Test(arguments: [1_046_393, 1_117_040, 1_117_568, 1_122_402, 1_144_151, 1_159_702, 1_165_315] as [UInt64])
    func `ends a cancellation whose order was replaced and then filled`(seed: UInt64) {
        #expect(RouterSimulation.run(seed).failures == [])
    }

    /// A simulation that finds nothing proves nothing.
    @Test(arguments: Flaw.allCases) func `is caught when it makes a mistake`(flaw: Flaw) {
        // By what it does to orders, not by its looks.
        let seed = (1..<2_000 as Range<UInt64>).first { seed in
            RouterSimulation.run(seed, flaw: flaw).failures.contains { $0.contains("P5") || flaw == .sendsUnfenced }
        }
        guard let seed else { return #expect(Bool(false), "\(flaw) was not found") }
        print("\(flaw) is found by seed \(seed)")
    }
}

@Suite(.enabled(if: Storm.isOn, "the long twin, run by `make soak`"))
struct `Soak of the router` {
    @Test func `sends no intent twice in 200,000 simulated worlds`() async {
        let first = Storm.seed &* 1_000_000
        let result = await RouterSimulation.run(seeds: first..<first + 200_000)
        #expect(result.failures == [], "from seed \(first)")
    }
}
