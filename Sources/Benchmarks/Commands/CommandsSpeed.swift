import Bus
import Commands
import Core
import Domain
import Foundation
import Threading
import Wire

/// The handler: how fast it decides, and how soon an intent is durable.
enum CommandsSpeed {
    static func run(into table: inout Table) async throws {
        try await decide(into: &table)
        try open(into: &table)
        try await latency(into: &table)
    }

    /// Decisions that lie on the log, answered in batches, durably.
    private static func decide(into table: inout Table) async throws {
        let count = 200_000
        var rounds: [Duration] = []
        for round in 0..<3 {
            let scratch = try Scratch("decide-\(round)")
            let bench = CommandsBench()
            let log = JournalLog("\(scratch.path)/journal")
            try await log.create(TopicCatalog.specs)
            let writer = try await log.writer(named: "bench")
            try await CommandsBench.append(try bench.opening(), to: writer)
            try await CommandsBench.append(try (0..<count).map { try bench.decision($0) }, to: writer)
            let seen = try await bench.run(log, "\(scratch.path)/snapshots") { $0.decisions == count }
            if let ready = seen.readyAt, let last = seen.lastCommitAt { rounds.append(last - ready) }
            await log.close()
            try scratch.remove()
        }
        let took = rounds.sorted()[rounds.count / 2]
        table.add(
            .figure(
                "decisions answered in batches, from the journal and durable, beside 50,000 a second",
                Double(count) / took.seconds, text: Row.perSecond(count, took), beside: 50_000, floor: "50,000/s"))
    }

    /// The decider alone, where many orders of the symbol are open.
    private static func open(into table: inout Table) throws {
        let bench = CommandsBench()
        for orders in [0, 400] {
            var state = DecisionState(under: bench.trading)
            for event in try bench.opening() { state.fold(event, at: 0) }
            let records = try (0..<orders + 20_000).map { number -> DecisionRecord in
                let cause = Cause(topic: TopicCatalog.decisions.name, partition: 0, offset: Int64(number))
                guard let record = DecisionRecord(try bench.decision(number, symbols: 1), at: cause) else {
                    preconditionFailure("it is a decision")
                }
                return record
            }
            let now = bench.time.now()
            let desk = Bench(at: now, controlSeenAt: now, source: SourceName(trusted: "bench"))
            for record in records[..<orders] { _ = bench.decider.answer(record, in: &state, on: desk) }
            let decider = bench.decider
            var intents = 0
            let took = ContinuousClock().measure {
                for record in records[orders...] {
                    if case .answered(let event) = decider.decide(record, given: state, on: desk),
                        case .intents(.intentEmitted) = event.content
                    {
                        intents += 1
                    }
                }
            }
            precondition(intents == 20_000, "nothing holds them back")
            table.add(
                Row(
                    name: "decide, one core, \(orders) orders of the symbol open", ours: Row.perSecond(20_000, took),
                    floor: "–", ratio: 20_000 / took.seconds / 50_000, target: .none))
        }
    }

    /// From a decision that is durable to its intent that is, beside one durable append, turn by turn.
    private static func latency(into table: inout Table) async throws {
        let turns = 3_000
        let scratch = try Scratch("latency")
        let bench = CommandsBench()
        let log = JournalLog("\(scratch.path)/journal")
        try await log.create(TopicCatalog.specs)
        let writer = try await log.writer(named: "bench")
        try await CommandsBench.append(try bench.opening(), to: writer)
        let clock = CommandsClock()
        let context = bench.context(log, "\(scratch.path)/snapshots", clock)
        let task = Task { try await CommandHandler(context).run() }
        await clock.wait { $0.readyAt != nil }
        var encoder = EventEncoder()
        var (ours, floors): ([Duration], [Duration]) = ([], [])
        for turn in 0..<turns {
            let shot = encoder.record(bench.event(.control(.laneEnabled(try lane())), nil, UInt64(turn)))
            let before = ContinuousClock.now
            _ = try await writer.append(Append([shot]))
            floors.append(ContinuousClock.now - before)
            let decision = encoder.record(try bench.decision(turn))
            _ = try await writer.append(Append([decision]))
            let start = ContinuousClock.now
            await clock.wait { $0.decisions == turn + 1 }
            if let end = clock.seen.lastCommitAt { ours.append(max(.zero, end - start)) }
        }
        task.cancel()
        try await task.value
        await log.close()
        try scratch.remove()
        for (name, share, limit) in [("p50", 0.5, 1.5), ("p99", 0.99, 3.0)] {
            let (mine, floor) = (quantile(ours, share), quantile(floors, share))
            table.add(
                Row(
                    name: "decision on the log to intent on the log, \(name), beside one durable append, \(name)",
                    ours: micros(mine), floor: micros(floor), ratio: mine.seconds / floor.seconds,
                    target: .atMost(limit)))
        }
    }

    private static func lane() throws -> LaneEnabled {
        LaneEnabled(
            order: ControlOrder(
                scope: .global, actor: ActorName(trusted: "bench"), reason: try Prose("measured")), lane: .execution)
    }

    private static func quantile(_ durations: [Duration], _ share: Double) -> Duration {
        let sorted = durations.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private static func micros(_ duration: Duration) -> String { "\(Int(duration.seconds * 1e6)) µs" }
}
