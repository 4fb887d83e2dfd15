import Commands
import Core
import Domain
import Folding
import TestSupport
import Testing
import Wire

@Suite struct `The handler` {
    @Test func `answers each decision once, in its order, with the position in the same append`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        let decisions = (0..<300).map { floor.decision($0, symbol: "S\($0 % 7)") }
        let working = Working(floor.context())
        try await floor.append(Array(decisions[..<100]))
        try await floor.watch.wait("a hundred") { $0.counts.intents == 100 }
        try await floor.append(Array(decisions[100...]))
        try await floor.watch.wait("all") { $0.counts.intents == 300 }
        try await working.stop()

        let answers = try await floor.log.answers()
        #expect(answers.count == 300 && answers.allSatisfy(\.event.isIntent))
        for symbol in 0..<7 {
            let asked = decisions.filter { $0.envelope.symbol?.text == "S\(symbol)" }.map(\.decisionHash)
            let answered = answers.filter { $0.event.envelope.symbol?.text == "S\(symbol)" }.map(\.event.decisionHash)
            #expect(asked == answered)
        }
        let sources = (0..<12).map { TopicPartition(TopicCatalog.decisions.name, Int32($0)) }
        let positions = try await floor.log.positions(of: "torghut.commands", in: sources)
        let ends = try await floor.log.bounds(of: sources)
        for (source, end) in ends where end.end > 0 { #expect(positions[source]?.next == end.end) }
        // The answer names the decision's place, which is a decision with that hash.
        let recorded = Dictionary(
            uniqueKeysWithValues: try await floor.log.all(TopicCatalog.decisions).map { ($0.position, $0.event) })
        for answer in answers {
            let cause = try #require(answer.event.envelope.cause)
            let place = RecordPosition(TopicPartition(cause.topic, cause.partition), cause.offset)
            #expect(recorded[place]?.decisionHash == answer.event.decisionHash)
        }
    }

    @Test func `gives the same decision one intent, also after a restart`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        try await floor.append([floor.decision(1), floor.decision(1)])
        let first = Working(floor.context())
        try await floor.watch.wait("both") { $0.counts.decisions == 2 }
        try await first.stop()
        try await floor.append([floor.decision(1), floor.decision(2)])
        let second = Working(floor.context())
        try await floor.watch.wait("four") { $0.counts.decisions == 4 }
        try await second.stop()
        #expect(floor.watch.now.counts.repeated == 2)
        let answers = try await floor.log.answers()
        #expect(answers.map(\.event.decisionHash) == [floor.decision(1), floor.decision(2)].map(\.decisionHash))
    }

    @Test(arguments: [1, 3, 4_096])
    func `answers the same, whatever the size of a batch`(size: Int) async throws {
        var floor = try await TradingFloor()
        floor.limits.following.maximumBatchRecords = size
        try await floor.append([
            floor.event(.control(.killSwitchReleased(KillSwitchReleased(order: TradingFloor.order())))),
            floor.event(
                .control(
                    .strategyEnabled(
                        StrategyEnabled(order: TradingFloor.order(), strategyID: TradingFloor.strategy)))),
            // Room for a hundred of them: what one takes, the next has not.
            floor.facts(buyingPower: 1_005),
        ])
        try await floor.append((0..<150).map { floor.decision($0) })
        let working = Working(floor.context())
        try await floor.watch.wait("all") { $0.counts.decisions == 150 }
        try await working.stop()
        let answers = try await floor.log.answers()
        #expect(answers.map(\.event.isIntent) == (0..<150).map { $0 < 100 })
        #expect(floor.watch.now.counts.rejected == 50)
    }

    @Test func `answers nothing but a block while the latch is closed or control is not proved`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        floor.latch.close()
        try await floor.append([floor.decision(1)])
        let working = Working(floor.context())
        try await floor.watch.wait("one") { $0.counts.blocked == 1 }
        try await working.stop()
        #expect(try await floor.log.answers().map(\.event.blockReasons) == [[.killSwitchEnabled]])
    }

    @Test func `stands still when another one has taken over, and writes nothing more`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        let first = Working(floor.context())
        try await floor.watch.wait("the first") { $0.ready.count == 1 }
        let later = CommandWatch()
        let other = Working(floor.context(watch: later, snapshots: "other"))
        try await later.wait("the second") { $0.ready.count == 1 }
        try await floor.append((0..<50).map { floor.decision($0) })
        guard case .failure(let error) = await first.task.value else {
            return #expect(Bool(false), "the first was not fenced")
        }
        #expect(error.reason == .fenced(writer: "torghut.commands") && floor.watch.now.isFenced)
        try await later.wait("all") { $0.counts.intents == 50 }
        try await other.stop()
        #expect(try await floor.log.answers().count == 50)
        #expect(floor.watch.now.counts.decisions == 0)
    }

    /// Every step of every append fails once, before or after it is durable.
    @Test func `answers all and none twice, whichever append fails and however`() async throws {
        for fault in [AppendFault.beforeWriting, .afterWriting] {
            for place in 0..<4 {
                var floor = try await TradingFloor()
                floor.limits.following.maximumBatchRecords = 5
                try await floor.open()
                try await floor.append((0..<20).map { floor.decision($0) })
                let faults = Array(repeating: AppendFault.none, count: place) + [fault]
                let log = FaultyLog(floor.log, failing: "torghut.commands", faults)
                let working = Working(floor.context(log))
                try await floor.watch.wait("recovery") { $0.retries == 1 && $0.ready.count == 2 }
                try await floor.append([floor.decision(20)])
                // The last decision is answered last.
                var answers = try await floor.log.answers()
                while answers.last?.event.decisionHash != floor.decision(20).decisionHash {
                    let commits = floor.watch.now.commits
                    answers = try await floor.log.answers()
                    if answers.count < 21 { try await floor.watch.wait("another commit") { $0.commits > commits } }
                }
                try await working.stop()
                #expect(
                    answers.map(\.event.decisionHash) == (0...20).map { floor.decision($0).decisionHash },
                    "\(fault) at append \(place)")
            }
        }
    }
}
