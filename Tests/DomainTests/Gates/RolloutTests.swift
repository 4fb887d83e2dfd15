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

    @Test func `is not refused for the costs of too few orders`() throws {
        var world = CanaryWorld()
        for _ in 0..<19 { world.filled(.lean, bps: 900, mode: .paper) }
        for _ in 0..<40 { world.filled(.alpaca, bps: 1, mode: .paper) }
        #expect(try obstacles(world).isEmpty)
    }

    @Test func `is refused while shadows drift, order ids diverge or an incident is open`() throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_DRIFT_RATIO_LIMIT": "0.1"])
        for number in 0..<20 as Range<UInt64> {
            world.write(
                .shadow(
                    .shadowSimulated(
                        ShadowSimulated(
                            intentID: IntentID(high: 1, low: number), decisionHash: DecisionHash((number, 1, 2, 3)),
                            executionCorrelationID: CorrelationID(trusted: "c"), side: .buy, terms: CanaryWorld.terms,
                            parityStatus: .drift, authorityMode: .paperRuntimeObserved, simulationJSON: .emptyObject))))
        }
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
