import Core
import Domain
import TestSupport
import Testing

/// A random story over three partitions and two symbols, with its gate at work.
private struct CanaryStory {
    var world = CanaryWorld([
        "TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "60", "TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE": "5",
        "TRADING_LEAN_LIVE_CANARY_HEARTBEAT_SECONDS": "10", "TRADING_LEAN_LIVE_CANARY_ERROR_RATE_LIMIT": "0.4",
        "TRADING_LEAN_LIVE_CANARY_SLIPPAGE_P95_BPS_LIMIT": "50",
    ])
    private(set) var oracle: [Oracle] = []
    private var random: SplitMix64
    private var pending: [(key: AttemptKey, partition: Int64)] = []

    /// What happened, told a second time and as simply as can be.
    struct Oracle {
        let id: IntentID
        let at: Timestamp
        var end: CanaryWorld.End
    }

    init(seed: UInt64, steps: Int) {
        random = SplitMix64(seed: seed)
        for _ in 0..<steps { step() }
    }

    private mutating func step() {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: world.judge(after: .milliseconds(Int64.random(in: 1...8_000, using: &random)))
        case 1 where !pending.isEmpty:
            let (key, partition) = pending.remove(at: Int.random(in: 0..<pending.count, using: &random))
            let end: CanaryWorld.End = Bool.random(using: &random) ? .kept : .fellBack
            world.end(key, end, partition: partition)
            if let index = oracle.firstIndex(where: { $0.id == key.intentID }) { oracle[index].end = end }
        case 2:
            world.filled(
                Bool.random(using: &random) ? .lean : .alpaca, bps: Int64.random(in: -50...120, using: &random),
                mode: .paper, partition: Int64.random(in: 0..<3, using: &random))
        case 3:
            // Of no use to the gate, and by another clock: a replay is not given it at all.
            world.noise(
                partition: Int64.random(in: 0..<3, using: &random),
                ahead: .milliseconds(Int64.random(in: -9_000...9_000, using: &random)))
        default:
            let end = CanaryWorld.End.allCases.randomElement(using: &random) ?? .kept
            let partition = Int64.random(in: 0..<3, using: &random)
            let key = world.intent(end, partition: partition)
            // Prepared one millisecond before the end of it.
            oracle.append(Oracle(id: key.intentID, at: world.now.advanced(by: .milliseconds(-1)) ?? .latest, end: end))
            if end == .none || end == .unknown { pending.append((key, partition)) }
        }
    }

    /// Numerator and denominator of a window, by looking at every intent there ever was.
    func counted(from start: Timestamp, to end: Timestamp, at moment: Timestamp) -> (Int64, Int64) {
        let inside = oracle.filter { $0.at >= start && $0.at < end }
        func isOverdue(_ intent: Oracle) -> Bool {
            (intent.end == .none || intent.end == .unknown) && moment.since(intent.at) > .seconds(30)
        }
        let fell = inside.count { $0.end == .fellBack || isOverdue($0) }
        let kept = inside.count { $0.end == .kept || $0.end == .business }
        return (Int64(fell), Int64(fell + kept))
    }
}

@Suite struct `The canary's ratio` {
    @Test func `is that of the intents of the window, on random histories`() {
        for seed in 0..<300 as Range<UInt64> {
            var story = CanaryStory(seed: seed, steps: 120)
            let now = story.world.decider.moment(story.world.now, given: story.world.situation)
            var random = SplitMix64(seed: seed &+ 9)
            for _ in 0..<10 {
                let start = now.advanced(by: .milliseconds(-Int64.random(in: 0...60_000, using: &random))) ?? now
                let count = CanaryCount(
                    story.world.fold, story.world.policy.terms(dryRun: false), from: start, to: now, at: now)
                let expected = story.counted(from: start, to: now, at: now)
                #expect((count.fellBack, count.decided) == expected, "seed \(seed)")
            }
            _ = story.world.judge()
        }
    }

    /// The state is a function of how far each partition was folded.
    @Test func `does not depend on the order in which partitions are read`() {
        for seed in 0..<100 as Range<UInt64> {
            let story = CanaryStory(seed: seed, steps: 100)
            var random = SplitMix64(seed: seed ^ 0xABCD)
            var lanes: [String: [(event: Event, position: LogPosition)]] = [:]
            for record in story.world.log where record.position.topic.text != "torghut.lean.canary.v1" {
                lanes["\(record.position.topic)/\(record.position.partition)", default: []].append(record)
            }
            var fold = CanaryFold()
            while let lane = lanes.keys.sorted().randomElement(using: &random) {
                let run = Int.random(in: 1...8, using: &random)
                let records = lanes[lane, default: []]
                for record in records.prefix(run) {
                    fold.fold(record.event, at: record.position, keeping: story.world.policy.remembered)
                }
                lanes[lane] = records.count > run ? Array(records.dropFirst(run)) : nil
            }
            #expect(fold == story.world.fold, "seed \(seed)")
        }
    }

    /// Anybody who has the log without the canary's own topic says the same, to the bit.
    @Test func `is computed again from a log without the canary's topic`() {
        var total = 0
        for seed in 0..<100 as Range<UInt64> {
            let story = CanaryStory(seed: seed, steps: 200)
            var replay = MemoryReplay()
            for record in story.world.log where MemoryReplay.types.contains(record.event.content.type) {
                replay.add(record.event, at: record.position)
            }
            let said = story.world.log.map(\.event).filter { $0.content.type.name == "canary.verdict_reached" }
            let again = replay.verdicts(mint: TestMint.mint).flatMap(\.verdicts)
            #expect(again == said, "seed \(seed)")
            // Also of a part, and after one that lies later.
            #expect(replay.verdicts(mint: TestMint.mint).flatMap(\.verdicts) == said, "seed \(seed)")
            total += said.count
        }
        print("verdicts computed again: \(total)")
        #expect(total > 1_000)
    }

    @Test func `is not held against rules other than those it was counted by`() throws {
        var story = CanaryStory(seed: 3, steps: 200)
        var replay = MemoryReplay()
        var old = 0
        for record in story.world.log where MemoryReplay.types.contains(record.event.content.type) {
            guard case .control(.canaryEvaluated(var evaluation)) = record.event.content, old < 2 else {
                replay.add(record.event, at: record.position)
                continue
            }
            evaluation.rules = old == 0 ? nil : 1
            old += 1
            replay.add(Event(record.event.envelope, .control(.canaryEvaluated(evaluation))), at: record.position)
        }
        let again = replay.verdicts(mint: TestMint.mint)
        #expect(replay.otherRules.count == 2 && again.allSatisfy { $0.evaluation.rules == CanaryFold.rules })
        #expect(!again.isEmpty && !replay.otherRules.contains { id in again.contains { $0.id == id } })
        #expect(story.world.judge(after: .seconds(61)).evaluations.allSatisfy { $0.rules == CanaryFold.rules })
    }

    /// What an operator gives in a record's place lies before others that were folded already.
    @Test func `claims no less than it has seen when a record is patched`() throws {
        var world = CanaryWorld()
        for _ in 0..<5 { world.intent(.kept) }
        let before = world.fold.vector
        let record = try #require(world.log.first { $0.position.topic.text == TopicCatalog.route.name })
        world.fold.fold(record.event, at: record.position, keeping: world.policy.remembered)
        #expect(world.fold.vector == before)
    }

    @Test func `is computed with a patched record where it was patched`() throws {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE": "1"])
        var replay = MemoryReplay()
        let key = world.intent(.none)
        world.intent(.kept)
        // What ends the first intent cannot be read until an operator says what it is.
        world.end(key, .kept)
        let lost = world.log.removeLast()
        world.fold = CanaryFold()
        for record in world.log { world.fold.fold(record.event, at: record.position, keeping: world.policy.remembered) }
        world.intent(.kept)
        #expect(world.judge().ratio?.leanTotal == 2)
        world.say(.laneEnabled(LaneEnabled(order: TradingDay.order(.lane(.researchBacktest)), lane: .researchBacktest)))
        let place = try #require(world.log.last?.position)
        world.fold.fold(lost.event, at: lost.position, keeping: world.policy.remembered)
        #expect(world.judge(after: .seconds(61)).ratio?.leanTotal == 3)
        for record in world.log where MemoryReplay.types.contains(record.event.content.type) {
            replay.add(record.event, at: record.position)
        }
        replay.add(lost.event, at: place, insteadOf: lost.position)
        let said = world.log.map(\.event).filter { $0.content.type.name == "canary.verdict_reached" }
        #expect(replay.verdicts(mint: TestMint.mint).flatMap(\.verdicts) == said)
    }

    @Test func `is judged alike by two gates, of which the log hears one`() {
        let story = CanaryStory(seed: 7, steps: 200)
        let now = story.world.now.advanced(by: .seconds(61)) ?? .latest
        let other = CanaryDecider(story.world.inForce, mint: TestMint.mint)
        let (left, right) = (
            story.world.decider.decide(story.world.situation, at: now), other.decide(story.world.situation, at: now)
        )
        #expect(left == right && !left.isEmpty)
    }

    @Test func `forgets only what no window needs, and the oldest beyond its limit`() {
        var world = CanaryWorld(["TRADING_LEAN_LIVE_CANARY_WINDOW_SECONDS": "10"])
        for _ in 0..<(CanaryFold.maximumRows + 100) { world.intent(.kept) }
        world.pass(.seconds(1))
        let terms = CanaryTerms(
            windowMicroseconds: 1_000_000_000, minimumSample: 1, pendingLimitMicroseconds: 1, fallbackRatioLimit: .one,
            cryptoOnly: false, symbols: [], accounts: [], tradingMode: .paper, hardRollbackEnabled: false, dryRun: true)
        let count = CanaryCount(world.fold, terms, from: .earliest, to: world.now, at: world.now)
        // Two milliseconds each: all of them lie within what is remembered, but for the oldest; and that is said.
        #expect(count.decided == Int64(CanaryFold.maximumRows) && count.isTruncated)
        #expect(world.judge(after: .milliseconds(1)).ratio?.truncated == nil)
        var wide = CanaryWorld()
        for _ in 0..<CanaryFold.maximumRows { wide.intent(.kept) }
        #expect(wide.judge(after: .milliseconds(1)).ratio?.truncated == nil)
        for _ in 0..<10 { wide.intent(.kept) }
        let cut = wide.judge(after: .seconds(61)).ratio
        #expect(cut?.truncated == true && cut?.leanTotal == Int64(CanaryFold.maximumRows))
        // What is counted of it shrinks from now on: no window is amended because of that.
        for _ in 0..<300 {
            for _ in 0..<50 { wide.intent(.kept) }
            #expect(wide.judge(after: .seconds(10)).verdicts.allSatisfy { $0.amendsEventID == nil })
        }
    }
}
