import Core
import Domain
import TestSupport
import Testing

@Suite struct `A step of the rollout` {
    private func costs(_ world: CanaryWorld) throws -> RouteComparison.Pair {
        var comparison = RouteComparison(since: .earliest)
        for record in world.log { comparison.fold(record.event) }
        return try #require(comparison.pairs().last)
    }

    private func obstacles(_ world: CanaryWorld, _ parity: ParityState = ParityState()) throws -> [String] {
        RolloutGate.obstacles(
            incidents: world.incidents, divergences: parity.openDivergences, costs: try costs(world),
            policy: world.policy
        ).map(\.code.text)
    }

    @Test func `is forward or a way out`() {
        #expect(RolloutPhase.allCases.filter(RolloutGate.isForward) == [.started, .widened, .finished])
    }

    @Test(
        arguments: [
            (15, 10, []), (26, 10, ["shortfall_bps", "slippage_p95"]), (20, 10, ["shortfall_bps"]), (10, 60, []),
        ] as [(Int64, Int64, [String])])
    func `is refused while LEAN costs more than its limits allow`(lean: Int64, alpaca: Int64, found: [String]) throws {
        var world = CanaryWorld()
        for number in 0..<40 {
            let adapter: Adapter = number % 2 == 0 ? .lean : .alpaca
            world.filled(adapter, bps: adapter == .lean ? lean : alpaca, mode: .paper)
        }
        let total = try costs(world)
        #expect(total.lean.filled == 20 && total.shortfall == Amount(lean - alpaca))
        #expect(total.lean.slippage(95) == Amount(lean) && total.alpaca.slippage(50) == Amount(alpaca))
        #expect(try obstacles(world) == found)
    }

    /// A replacement that was refused says nothing of how orders go.
    @Test func `is judged by submits alone`() throws {
        var world = CanaryWorld()
        world.intent(.business)
        let key = CanaryWorld.key(77)
        world.write(
            .route(
                .attemptPrepared(
                    AttemptPrepared(
                        key: key, evidence: CanaryWorld.evidence(), operation: .replace, side: .buy,
                        terms: CanaryWorld.terms, requestHash: CanaryWorld.nothing, deadline: world.now, ownerEpoch: 1,
                        tradingMode: .paper, policyHash: CanaryWorld.nothing))))
        world.end(key, .business)
        world.end(key, .unknown)
        let lean = try costs(world).lean
        #expect((lean.attempts, lean.refused, lean.unknown) == (1, 1, 0))
    }

    /// Until shadows pass again a drift stands, also when its sample is gone.
    @Test func `is refused for the last word that said anything, and for no limit that is gone`() throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_DRIFT_RATIO_LIMIT": "0.1"])
        var said = try #require(world.judge().verdicts.first { $0.breachType == .parityMismatch })
        for (verdict, found) in [(.breach, true), (.inconclusive, true), (.pass, false), (.inconclusive, false)]
            as [(Verdict, Bool)]
        {
            said.window.verdict = verdict
            world.write(.canary(.canaryJudged(said)))
            #expect(try obstacles(world).contains("parity_mismatch") == found, "\(verdict)")
        }
        said.window.verdict = .breach
        world.write(.canary(.canaryJudged(said)))
        var other = try #require(CanaryWorld().decidedOnce().verdicts.first)
        other.window.verdict = .inconclusive
        world.write(.canary(.canaryJudged(other)))
        #expect(try obstacles(world).isEmpty && world.incidents.verdicts.rows.map(\.breach) == [other.breachType])
    }

    @Test func `is not refused for the costs of too few orders`() throws {
        var world = CanaryWorld()
        for _ in 0..<19 { world.filled(.lean, bps: 900, mode: .paper) }
        for _ in 0..<40 { world.filled(.alpaca, bps: 1, mode: .paper) }
        #expect(try obstacles(world).isEmpty)
    }

    @Test func `is refused while shadows drift, order ids diverge or an incident is open`() throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_DRIFT_RATIO_LIMIT": "0.1"])
        for number in 0..<20 as Range<UInt64> { world.judged(number, .drift) }
        world.judge(after: .milliseconds(1))
        #expect(try obstacles(world) == ["parity_mismatch", "incident_open"])
        var parity = ParityState()
        let key = CanaryWorld.key(1)
        let order = OrderKey(
            intentID: key.intentID, decisionHash: key.decisionHash, clientOrderID: key.clientOrderID, alpacaOrderID: nil
        )
        let envelope = Envelope(
            eventID: EventID(high: 1, low: 1), eventTime: world.now, ingestTime: world.now,
            source: SourceName(trusted: "test"), correlation: StoryID(high: 1, low: 1))
        parity.fold(
            .idsDiverged(
                IdsDiverged(
                    order: order, divergence: .secondOrder, brokerOrderID: BrokerOrderID(trusted: "o"),
                    observed: TradingDay.order().reason)), envelope)
        #expect(try obstacles(world, parity) == ["parity_mismatch", "order_ids_diverged", "incident_open"])
    }
}
