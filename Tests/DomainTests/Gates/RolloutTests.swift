import Core
import Domain
import TestSupport
import Testing

@Suite struct `A step of the rollout` {
    private func costs(_ world: CanaryWorld, within terms: CanaryTerms? = nil) -> RouteComparison {
        var comparison = RouteComparison(since: .earliest, .paper, within: terms)
        for record in world.log { comparison.fold(record.event) }
        return comparison
    }

    private func total(_ world: CanaryWorld) throws -> RouteComparison.Pair { try #require(costs(world).pairs().last) }

    private func standing(_ phases: [RolloutPhase], at moment: Timestamp = .earliest) -> RolloutStanding {
        var standing = RolloutStanding()
        for phase in phases { standing.fold(Self.step(phase), at: moment) }
        return standing
    }

    private static func step(_ phase: RolloutPhase) -> RolloutStepTaken {
        RolloutStepTaken(
            rolloutID: Label(trusted: "lean"), step: 1, phase: phase, lane: .liveCanaryExecution, scopeSymbols: [],
            scopeAccounts: [AccountLabel(trusted: "paper")], scopeShare: .one,
            stopCondition: TradingDay.order().reason, rollbackTrigger: TradingDay.order().reason,
            fallbackRatioLimit: .one, actor: ActorName(trusted: "ann"), reason: TradingDay.order().reason)
    }

    private func obstacles(
        _ world: CanaryWorld, to step: RolloutPhase = .paper, _ parity: ParityState = ParityState(),
        after phases: [RolloutPhase] = [], takenAt moment: Timestamp = .earliest, ahead: Duration = .zero
    ) throws -> [String] {
        let evidence = RolloutGate.Evidence(
            incidents: world.incidents, control: world.control, divergences: parity.openDivergences,
            routes: try total(world), shadows: costs(world).shadows, standing: standing(phases, at: moment),
            ahead: ahead)
        return RolloutGate.obstacles(to: step, evidence, world.inForce, at: world.now).map(\.code.text)
    }

    /// A canary that was judged and passed.
    private func passed(_ settings: [String: String] = [:]) -> CanaryWorld {
        var world = CanaryWorld(settings)
        for _ in 0..<30 { world.intent(.kept) }
        world.judge(after: .milliseconds(1))
        return world
    }

    @Test func `is forward or a way out`() {
        #expect(
            RolloutPhase.allCases.filter(RolloutGate.isForward) == [
                .paper, .canary, .wider, .started, .widened, .finished,
            ])
    }

    @Test(
        arguments: [
            ([], [.paper]), ([.paper], [.paper, .canary, .held, .rolledBack]),
            ([.paper, .canary], [.canary, .wider, .held, .rolledBack]),
            ([.paper, .canary, .held], [.canary, .wider, .held, .rolledBack]),
            ([.paper, .canary, .wider], [.wider, .held, .rolledBack]),
            ([.paper, .canary, .rolledBack], [.paper]), ([.planned, .started], [.canary, .wider, .held, .rolledBack]),
        ] as [([RolloutPhase], [RolloutPhase])])
    func `follows the phase before it`(taken: [RolloutPhase], next: [RolloutPhase]) {
        let standing = standing(taken)
        #expect(RolloutPhase.allCases.filter { standing.refusal(of: $0) == nil } == next)
        #expect(standing.steps == Int64(taken.count))
    }

    @Test(
        arguments: [
            (15, 10, []), (26, 10, ["shortfall_bps", "slippage_p95"]), (20, 10, ["shortfall_bps"]), (10, 60, []),
        ] as [(Int64, Int64, [String])])
    func `is refused while LEAN costs more than its limits allow`(lean: Int64, alpaca: Int64, found: [String]) throws {
        var world = CanaryWorld()
        for number in 0..<40 {
            let adapter: Adapter = number % 2 == 0 ? .lean : .alpaca
            world.filled(adapter, bps: adapter == .lean ? lean : alpaca, mode: .paper, isPrepared: true)
            // What live money paid is another question.
            world.filled(adapter, bps: 900, mode: .live, isPrepared: true)
        }
        let total = try total(world)
        #expect(total.lean.filled == 20 && total.lean.attempts == 20 && total.shortfall == Amount(lean - alpaca))
        #expect(total.lean.slippage(95) == Amount(lean) && total.alpaca.slippage(50) == Amount(alpaca))
        #expect(try obstacles(world) == found)
    }

    @Test func `is judged by what is in the canary's scope`() throws {
        var world = CanaryWorld()
        for number in 0..<40 {
            world.filled(number % 2 == 0 ? .lean : .alpaca, bps: 10, mode: .paper, isPrepared: true)
        }
        var terms = world.policy.terms(dryRun: false)
        #expect(costs(world, within: terms).pairs().last?.lean.filled == 20)
        terms.symbols = [Symbol(trusted: "MSFT")]
        #expect(costs(world, within: terms).pairs().last?.lean.filled == 0)
        terms.symbols = []
        terms.cryptoOnly = true
        #expect(costs(world, within: terms).pairs().last?.lean.filled == 0)
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
        let lean = try total(world).lean
        #expect((lean.attempts, lean.refused, lean.unknown) == (1, 1, 0))
    }

    /// Until shadows pass again a drift stands, also when its sample is gone.
    @Test func `is refused for the last word that said anything, and for no limit that is gone`() throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_DRIFT_RATIO_LIMIT": "0.1"])
        for number in 0..<20 as Range<UInt64> { world.judged(number, .drift) }
        var said = try #require(
            world.judge(after: .milliseconds(1)).verdicts.first { $0.breachType == .parityMismatch })
        said.window.verdict = .inconclusive
        world.write(.canary(.canaryJudged(said)))
        #expect(try obstacles(world).contains("parity_mismatch"))
        var other = try #require(CanaryWorld().decidedOnce().verdicts.first)
        other.window.verdict = .inconclusive
        world.write(.canary(.canaryJudged(other)))
        #expect(world.incidents.verdicts.rows.map(\.breach) == [other.breachType])
        #expect(world.incidents.conclusive[BreachType.parityMismatch.rawValue] == nil)
    }

    /// The rollout has a limit of its own: it holds though the canary has none.
    @Test(arguments: [(2, []), (3, ["parity_mismatch"])] as [(UInt64, [String])])
    func `is refused for shadows that drift, whether the canary watches them or not`(
        drifting: UInt64, found: [String]
    ) throws {
        var world = CanaryWorld()
        for number in 0..<20 as Range<UInt64> { world.judged(number, number < drifting ? .drift : .pass) }
        // Other money, and what says nothing.
        for number in 30..<60 as Range<UInt64> { world.judged(number, .drift, mode: .live) }
        for number in 60..<90 as Range<UInt64> { world.judged(number, .inconclusive) }
        #expect(try obstacles(world) == found)
        #expect(costs(world).shadows.judged == 20)
    }

    @Test func `is not refused for the costs of too few orders`() throws {
        var world = CanaryWorld()
        for _ in 0..<19 { world.filled(.lean, bps: 900, mode: .paper, isPrepared: true) }
        for _ in 0..<40 { world.filled(.alpaca, bps: 1, mode: .paper, isPrepared: true) }
        #expect(try obstacles(world).isEmpty)
    }

    @Test func `is refused while the stop is latched, a lane is off or an incident is open`() throws {
        var world = CanaryWorld()
        for _ in 0..<20 { world.intent(.fellBack) }
        world.judge(after: .milliseconds(1))
        #expect(try obstacles(world) == ["emergency_stop", "lane_off", "incident_open"])
        #expect(try obstacles(world, to: .held, after: [.paper]).isEmpty)
        #expect(try obstacles(world, to: .rolledBack, after: [.paper, .canary]).isEmpty)
        #expect(try obstacles(world, to: .rolledBack) == ["out_of_order"])
        var off = CanaryWorld()
        off.say(
            .laneDisabled(
                LaneDisabled(
                    order: TradingDay.order(.lane(.liveCanaryExecution)), lane: .liveCanaryExecution)))
        #expect(try obstacles(off) == ["lane_off"])
    }

    @Test func `is refused while the gates say nothing, and while nothing has passed`() throws {
        var world = passed()
        #expect(try obstacles(world, to: .canary, after: [.paper]).isEmpty)
        #expect(try obstacles(world, to: .wider, after: [.paper]) == ["out_of_order"])
        #expect(try obstacles(world, to: .canary, after: [.paper], ahead: .seconds(61)) == ["clock_ahead"])
        world.pass(.seconds(301))
        #expect(try obstacles(world, to: .canary, after: [.paper]) == ["not_judged"])
        world.pass(.seconds(86_400))
        #expect(try obstacles(world, to: .canary, after: [.paper]) == ["not_judged", "no_pass"])
        #expect(try obstacles(CanaryWorld(), to: .canary, after: [.paper]) == ["not_judged", "no_pass"])
        // These settings are not what was judged by.
        var other = passed()
        other.replacePolicy("TRADING_LEAN_ROLLOUT_SHORTFALL_BPS_LIMIT", "9999")
        #expect(try obstacles(other, to: .canary, after: [.paper]) == ["other_policy"])
    }

    @Test func `is refused while order ids diverge, until they agree or it begins anew`() throws {
        let world = CanaryWorld()
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
        #expect(try obstacles(world, parity) == ["order_ids_diverged"])
        let later = try #require(world.now.advanced(by: .seconds(1)))
        #expect(
            try obstacles(world, parity, after: [.paper, .rolledBack], takenAt: world.now) == ["order_ids_diverged"])
        #expect(try obstacles(world, parity, after: [.paper, .rolledBack], takenAt: later).isEmpty)
    }

    /// Whoever reads the step later sees what it was held against.
    @Test func `names what was looked at`() throws {
        let world = passed()
        let evidence = RolloutGate.Evidence(
            incidents: world.incidents, control: world.control, divergences: [], routes: try total(world),
            shadows: costs(world).shadows, standing: RolloutStanding(), ahead: .zero)
        let text = evidence.json(world.policy).description
        for name in [
            "lean_filled", "shortfall_bps_limit", "slippage_p95_bps_limit", "drift_ratio_limit",
            "fallback_verdict_event_id", "canary_position",
        ] {
            #expect(text.contains("\"\(name)\""), "\(text)")
        }
    }
}
