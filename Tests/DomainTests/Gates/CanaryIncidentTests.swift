import Core
import Domain
import TestSupport
import Testing

@Suite struct `A breach of the canary` {
    private func breached(_ settings: [String: String] = [:]) -> (CanaryWorld, [Event]) {
        var world = CanaryWorld(settings)
        for _ in 0..<14 { world.intent(.kept) }
        for _ in 0..<6 { world.intent(.fellBack) }
        let events = world.judge()
        return (world, events)
    }

    @Test func `stops everything in one append: verdict, incident, latch and lane`() throws {
        let (world, events) = breached()
        #expect(
            events.map(\.content.type.name) == [
                "control.canary_evaluated", "canary.verdict_reached", "canary.incident_opened",
                "control.emergency_stop_latched", "control.lane_disabled",
            ])
        let incident = try #require(events.opened.first)
        #expect(incident.incidentKey.text == "lean_canary:fallback_ratio_exceeded:1")
        #expect(incident.rollbackTriggered && incident.severity == .critical)
        #expect("\(incident.observed)" == "0.3" && "\(incident.threshold)" == "0.25")
        let stop = try #require(events.stops.first)
        #expect(stop.stopReasons.map(\.text) == ["lean_canary_breach:fallback_ratio_exceeded:0.3000"])
        #expect(!stop.recoverable && stop.incidentKey == incident.incidentKey)
        // The last fallback, which was what made it too many.
        #expect(
            stop.evidenceAt
                == world.log.last { $0.event.content.type.name == "route.fallback_decided" }?
                .event.envelope.ingestTime)
        #expect(world.control.stop.isLatched && world.control.mode(of: .execution) == .off)
        #expect(events.ratio?.action == .hardRollback)
    }

    @Test(arguments: ["setting", "lane", "rollback"]) func `is only recorded in a dry run, and without hard rollback`(
        how: String
    ) {
        var world = CanaryWorld([
            "TRADING_LEAN_LIVE_CANARY_DRY_RUN": how == "setting" ? "true" : "false",
            "TRADING_LEAN_LIVE_CANARY_HARD_ROLLBACK_ENABLED": how == "rollback" ? "false" : "true",
        ])
        if how == "lane" {
            world.say(
                .laneDisabled(
                    LaneDisabled(
                        order: TradingDay.order(.lane(.liveCanaryExecution)), lane: .liveCanaryExecution, dryRun: true))
            )
        }
        for _ in 0..<20 { world.intent(.fellBack) }
        let events = world.judge()
        #expect(events.ratio?.window.verdict == .breach && events.ratio?.action == .incident)
        #expect(events.ratio?.dryRun == (how != "rollback"))
        #expect(events.opened.map(\.rollbackTriggered) == [false] && events.stops.isEmpty && events.lanesOff.isEmpty)
        #expect(events.opened.map(\.severity) == [how == "rollback" ? .critical : .warning])
    }

    /// Fault 70: at the threshold there is one incident, however often it is crossed.
    @Test func `is one incident however the ratio flaps at the threshold`() {
        var world = CanaryWorld([
            "TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "20", "TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE": "4",
            "TRADING_LEAN_LIVE_CANARY_RESOLVE_WINDOWS": "0",
        ])
        var (words, stops, said): ([Verdict], Int, Int) = ([], 0, 0)
        for round in 0..<600 {
            // In and out of the limit again and again.
            for _ in 0..<4 { world.intent((round / 20) % 2 == 0 ? .kept : .fellBack) }
            let events = world.judge(after: .seconds(1))
            if let word = events.ratio?.window.verdict, word != words.last { words.append(word) }
            stops += events.stops.count
            said += events.verdicts.count { $0.isClosed == false }
        }
        #expect(words.count > 5, "it flapped: \(words.count)")
        #expect(stops == 1 && world.incidents.rows.rows.map(\.number) == [1] && world.incidents.open.count == 1)
        #expect(said <= 600 / 5 + 2, "\(said) verdicts")
    }

    /// Fault 72: whoever starts again knows what is open, from the log as from a snapshot.
    @Test func `outlives a restart, and neither opens nor stops a second time`() throws {
        var (world, _) = breached()
        world.fold = try CanaryFold(snapshot: world.fold.snapshot)
        var bytes = StateWriter()
        world.incidents.walk(&bytes)
        var reader = StateReader(bytes.bytes)
        #expect(try CanaryIncidents.filled(by: &reader) == world.incidents)
        for _ in 0..<10 {
            let events = world.judge(after: .seconds(60))
            #expect(events.stops.isEmpty && events.lanesOff.isEmpty)
            #expect(events.opened.allSatisfy { $0.incidentKey.text.hasSuffix(":1") && !$0.rollbackTriggered })
        }
        #expect(world.incidents.open.map(\.isRolledBack) == [true])
    }

    private func resolution(_ world: CanaryWorld, at moment: Timestamp? = nil) -> DomainEvent {
        .canary(
            .incidentResolved(
                IncidentResolved(
                    incidentKey: Label(trusted: "lean_canary:fallback_ratio_exceeded:1"),
                    breachType: .fallbackRatioExceeded, resolution: .accepted, actor: ActorName(trusted: "ann"),
                    reason: TradingDay.order().reason, resolvedAt: moment ?? world.now)))
    }

    /// Fault 73: what the gate had in hand while an operator cleared comes too late, and opens nothing.
    @Test func `ends when an operator says so, also while the gate is about to tell of it again`() throws {
        var (world, _) = breached()
        world.pass(.seconds(61))
        let inHand = world.decider.decide(world.situation, at: world.now)
        #expect(inHand.opened.count == 1)
        world.write(resolution(world))
        for event in inHand { world.write(event) }
        #expect(world.incidents.open.isEmpty && world.incidents.rows.rows.map(\.number) == [1])
        // What was counted before is over: even when the lane is put back to use at once.
        world.say(.laneEnabled(LaneEnabled(order: TradingDay.order(.lane(.execution)), lane: .execution)))
        world.intent(.fellBack)
        for _ in 0..<5 { #expect(world.judge(after: .seconds(61)).opened.isEmpty) }
        // The next time is another incident, which stops again.
        for _ in 0..<20 { world.intent(.fellBack) }
        let again = world.judge(after: .seconds(1))
        #expect(again.opened.map(\.incidentKey.text) == ["lean_canary:fallback_ratio_exceeded:2"])
        #expect(again.stops.count == 1)
    }

    @Test func `counts nothing twice though the operator's clock is behind`() {
        var (world, _) = breached()
        world.write(resolution(world, at: world.now.advanced(by: .seconds(-600))))
        #expect((0..<10).allSatisfy { _ in world.judge(after: .seconds(61)).opened.isEmpty })
    }

    /// No clock but the gate's says from when on it counts again.
    @Test(arguments: [600, 7_200]) func `counts again though the operator's clock is ahead`(skew: Int64) {
        var (world, _) = breached()
        world.write(resolution(world, at: world.now.advanced(by: .seconds(skew))))
        world.say(.laneEnabled(LaneEnabled(order: TradingDay.order(.lane(.execution)), lane: .execution)))
        // While nothing counts yet, that is said too.
        #expect(world.judge(after: .seconds(6)).ratio?.window.verdict == .inconclusive)
        world.pass(.seconds(61))
        for _ in 0..<20 { world.intent(.fellBack) }
        #expect(world.judge(after: .seconds(6)).stops.count == 1)
    }

    @Test func `opens an incident and stops nothing while LEAN's lane is off`() {
        var world = CanaryWorld()
        for _ in 0..<20 { world.intent(.fellBack) }
        world.say(.laneDisabled(LaneDisabled(order: TradingDay.order(.lane(.execution)), lane: .execution)))
        let events = world.judge(after: .seconds(1))
        #expect(events.opened.map(\.rollbackTriggered) == [false] && events.stops.isEmpty && events.lanesOff.isEmpty)
    }

    /// A stop that the gate had in hand while an operator resolved the incident before has an incident of its own.
    @Test func `never stops without an open incident, whoever is first`() {
        var (world, _) = breached()
        world.say(.laneEnabled(LaneEnabled(order: TradingDay.order(.lane(.execution)), lane: .execution)))
        world.pass(.seconds(6))
        for _ in 0..<20 { world.intent(.fellBack) }
        let inHand = world.decider.decide(world.situation, at: world.now)
        #expect(inHand.stops.count == 1)
        world.write(resolution(world))
        for event in inHand { world.write(event) }
        #expect(world.control.stop.isLatched && world.control.mode(of: .execution) == .off)
        #expect(world.incidents.open.map(\.incidentKey.text) == ["lean_canary:fallback_ratio_exceeded:2"])
    }

    /// A window that is over heals nothing while the stretch since then is broken.
    @Test func `does not end while the latest stretch is still in breach`() {
        var (world, _) = breached([
            "TRADING_LEAN_LIVE_CANARY_HARD_ROLLBACK_ENABLED": "false", "TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "100",
            "TRADING_LEAN_LIVE_CANARY_RESOLVE_WINDOWS": "1",
        ])
        world.pass(.seconds(120))
        world.pass(.nanoseconds(100_000_000_000 - world.now.nanoseconds % 100_000_000_000))
        for _ in 0..<95 {
            world.intent(.kept)
            _ = world.judge(after: .seconds(1))
        }
        for _ in 0..<60 {
            for _ in 0..<3 { world.intent(.fellBack) }
            #expect(world.judge(after: .seconds(1)).resolved.isEmpty)
        }
        #expect(world.log.map(\.event).verdicts.contains { $0.isClosed == true && $0.window.verdict == .pass })
        #expect(world.incidents.open.count == 1)
    }

    @Test func `counts only healthy windows that lie side by side, and leaves others' evidence alone`() throws {
        func judged(_ start: Int64, _ verdict: Verdict) throws -> CanaryJudged {
            var world = CanaryWorld()
            var said = try #require(world.judge().verdicts.first)
            said.isClosed = true
            said.window.verdict = verdict
            said.window.windowStart = world.now.advanced(by: .seconds(start * 100)) ?? .latest
            said.window.windowEnd = world.now.advanced(by: .seconds(start * 100 + 100)) ?? .latest
            return said
        }
        let cases: [([(Int64, Verdict)], Int64)] = [
            ([(1, .pass), (2, .pass)], 2), ([(1, .pass), (3, .pass)], 1), ([(1, .pass), (2, .inconclusive)], 0),
            ([(1, .pass), (2, .breach), (3, .pass)], 1),
        ]
        for (windows, healthy) in cases {
            var (world, _) = breached()
            for (start, verdict) in windows { world.write(.canary(.canaryJudged(try judged(start, verdict)))) }
            #expect(world.incidents[.fallbackRatioExceeded]?.healthyWindows == healthy, "\(windows)")
            guard case .canary(.incidentResolved(var ended)) = resolution(world) else { continue }
            ended.resolution = .recovered
            world.write(.canary(.incidentResolved(ended)))
            #expect(world.incidents.open.isEmpty && world.incidents[.fallbackRatioExceeded]?.countsFrom == nil)
        }
    }

    @Test func `stops again when LEAN is put back to use and fails again, as the next incident`() {
        var (world, _) = breached()
        world.say(.laneEnabled(LaneEnabled(order: TradingDay.order(.lane(.execution)), lane: .execution)))
        world.pass(.seconds(6))
        #expect(world.judge().ratio?.window.verdict == .inconclusive)
        for _ in 0..<20 { world.intent(.fellBack) }
        let again = world.judge(after: .seconds(6))
        #expect(again.stops.count == 1 && again.lanesOff == [.execution])
        #expect(again.resolved.map(\.incidentKey.text) == ["lean_canary:fallback_ratio_exceeded:1"])
        #expect(again.opened.map(\.incidentKey.text) == ["lean_canary:fallback_ratio_exceeded:2"])
        #expect(world.incidents.open.map(\.number) == [2])
    }

    @Test func `ends by itself after whole windows within the limit, and never for want of data`() throws {
        var (world, _) = breached([
            "TRADING_LEAN_LIVE_CANARY_HARD_ROLLBACK_ENABLED": "false", "TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "100",
        ])
        // Nothing comes by for a long time: no window is healthy.
        for _ in 0..<30 { #expect(world.judge(after: .seconds(50)).resolved.isEmpty) }
        var resolved: [IncidentResolved] = []
        for _ in 0..<400 where resolved.isEmpty {
            world.intent(.kept)
            resolved = world.judge(after: .seconds(1)).resolved
        }
        let ended = try #require(resolved.first)
        #expect(ended.resolution == .recovered && ended.actor.text == "gates" && ended.verdictEventID != nil)
        #expect(ended.reason.text == "2 whole windows within the limit, one after another")
        #expect(world.incidents.open.isEmpty)
    }

    /// Fault 71: a window that was judged is never judged differently; what came late is another event.
    @Test func `is amended when facts of a closed window come late`() throws {
        var world = CanaryWorld([
            "TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "100", "TRADING_LEAN_LIVE_CANARY_RESOLVE_WINDOWS": "0",
        ])
        var keys: [AttemptKey] = []
        // From the beginning of a whole window on.
        world.pass(.nanoseconds(100_000_000_000 - world.now.nanoseconds % 100_000_000_000))
        for _ in 0..<20 { keys.append(world.intent(.none)) }
        var closed: [Event] = []
        for _ in 0..<60 where closed.verdicts.first?.leanTotal != 20 {
            closed = world.judge(after: .seconds(10)).filter { event in
                if case .canary(.canaryJudged(let verdict)) = event.content { verdict.isClosed == true } else { false }
            }
        }
        let first = try #require(closed.verdicts.first)
        #expect(first.fallbackTotal == 20 && first.overdueTotal == 20 && first.amendsEventID == nil)
        // All of them are there after all.
        for key in keys { world.end(key, .kept) }
        // Another policy is in force by then; the window keeps its own terms, and says so.
        let hash = first.window.policyHash
        world.replacePolicy("TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE", "19")
        #expect(world.inForce.policyHash != hash)
        #expect(world.judge(after: .seconds(61)).verdicts.contains { $0.amendsEventID != nil })
        let amendments = world.log.map(\.event).verdicts.filter { $0.amendsEventID != nil }
        let amended = try #require(amendments.first)
        #expect(amendments.count == 1 && amended.fallbackTotal == 0 && amended.leanTotal == 20)
        #expect(amended.amendsEventID == closed[0].envelope.eventID)
        #expect(amended.window.policyHash == hash && amended.window.minimumSample == first.window.minimumSample)
        #expect(amended.window.windowStart == first.window.windowStart && amended.action == .none)
        // Once is enough.
        for _ in 0..<3 { #expect(world.judge(after: .seconds(61)).verdicts.allSatisfy { $0.amendsEventID == nil }) }
    }

    /// Who looked at one cause has not looked at the others.
    @Test func `ends for its own limit alone`() throws {
        var world = CanaryWorld([
            "TRADING_LEAN_LIVE_CANARY_HARD_ROLLBACK_ENABLED": "false",
            "TRADING_LEAN_LIVE_CANARY_DRIFT_RATIO_LIMIT": "0.25",
            "TRADING_LEAN_LIVE_CANARY_FALLBACK_RATIO_LIMIT": "0.9",
        ])
        // Not yet a breach: 15 of 20 fell back.
        for number in 0..<20 { world.intent(number < 15 ? .fellBack : .kept) }
        for number in 0..<20 as Range<UInt64> { world.judged(number, .drift) }
        #expect(world.judge(after: .milliseconds(1)).opened.map(\.breachType) == [.parityMismatch])
        world.pass(.seconds(30))
        world.write(
            .canary(
                .incidentResolved(
                    IncidentResolved(
                        incidentKey: Label(trusted: "lean_canary:parity_mismatch:1"), breachType: .parityMismatch,
                        resolution: .accepted, actor: ActorName(trusted: "ann"), reason: TradingDay.order().reason,
                        resolvedAt: world.now))))
        world.pass(.seconds(61))
        let events = world.judge()
        let ratio = try #require(events.ratio)
        #expect(ratio.leanTotal == 20 && ratio.fallbackTotal == 15 && ratio.window.verdict == .pass)
        let parity = try #require(events.verdicts.first { $0.breachType == .parityMismatch && $0.isClosed == false })
        #expect(parity.window.sample == 0 && parity.window.verdict == .inconclusive)
        #expect(parity.window.windowStart > ratio.window.windowStart)
        let evaluation = try #require(events.evaluations.first)
        #expect(evaluation.limitStarts?.parity == parity.window.windowStart)
        #expect(evaluation.limitStarts?.fallbackRatio == nil)
        // Later incidents of the cause know from when on it counts as well.
        for number in 100..<120 as Range<UInt64> { world.judged(number, .drift) }
        #expect(world.judge(after: .seconds(6)).opened.map(\.incidentKey.text) == ["lean_canary:parity_mismatch:2"])
        #expect(world.incidents[.parityMismatch]?.countsFrom == parity.window.windowStart)
    }

    /// Whoever was away catches up with the windows that ended meanwhile, as far as they are wholly remembered.
    @Test(arguments: [(250, 2), (350, 3), (10_000, 3)]) func `judges whole windows that ended while nobody judged`(
        away: Int64, windows: Int
    ) throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "100"])
        world.pass(.nanoseconds(100_000_000_000 - world.now.nanoseconds % 100_000_000_000))
        world.pass(.seconds(50))
        world.judge()
        var said = 0
        for _ in 0..<(away / 10) {
            for _ in 0..<3 { world.intent(.kept) }
            world.pass(.seconds(10))
        }
        for event in world.judge().verdicts where event.isClosed == true {
            // The first of them began before anything was sent.
            let isFirst = said == 0 && away < 1_000
            #expect(event.leanTotal >= (isFirst ? 15 : 27), "all of it: \(event.leanTotal)")
            said += 1
        }
        #expect(said == windows)
        let ends = world.incidents.closed.rows.map(\.windowEnd)
        #expect(ends == ends.sorted() && ends.count == 2)
    }
}
