import Core
import Domain
import Folding
import Foundation
import TestSupport
import Testing
import Wire

@testable import Commands

@Suite struct `A handler that starts again` {
    private func state(of floor: TradingFloor, in folder: String) throws -> SnapshotFile {
        let path = floor.context(snapshots: folder).snapshots.path(of: "commands")
        return try SnapshotFile(decoding: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    /// P4: a state that was kept and carried on is the state that a fold of the whole log gives.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `knows the same from its snapshots as from the whole log`(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        var floor = try await TradingFloor(MemoryLog(holes: seed % 2 == 0))
        floor.limits.following.maximumBatchRecords = 1 + Int(random.next() % 40)
        floor.limits.snapshotRecords = 1 + Int(random.next() % 30)
        try await floor.open()
        var decided = 0
        for round in 0..<8 {
            // What happens while nobody is there is folded in its order; then come decisions.
            floor.time.move(.milliseconds(Int64(1 + random.next() % 400)))
            if random.next() % 3 != 0 { try await floor.append([floor.facts()]) }
            try await floor.settle(by: &random)
            let working = Working(floor.context())
            try await floor.watch.wait("a start") { $0.ready.count == round + 1 }
            for _ in 0..<(1 + random.next() % 4) {
                // Of one moment, answers stand in the order of their partitions.
                floor.time.move(.milliseconds(Int64(1 + random.next() % 40)))
                let count = Int(random.next() % 6)
                let fresh = (0..<count).map { index in
                    floor.decision(
                        decided + index - Int(random.next() % 3), symbol: "S\(random.next() % 4)",
                        side: random.next() % 3 == 0 ? .sell : .buy)
                }
                decided += count
                try await floor.append(fresh)
                let total = floor.asked(fresh.count)
                try await floor.watch.wait("\(total) answers") { $0.counts.decisions == total }
            }
            try await working.stop()
        }
        // Once more without work, so that every answer has been read back; then from nothing.
        let again = Working(floor.context())
        try await floor.watch.wait("the last start") { $0.ready.count == 9 }
        try await again.stop()
        let fresh = CommandWatch()
        let whole = Working(floor.context(watch: fresh, snapshots: "whole"))
        try await fresh.wait("the whole") { $0.ready.count == 1 }
        try await whole.stop()
        let (kept, refolded) = (try state(of: floor, in: "s"), try state(of: floor, in: "whole"))
        #expect(kept.state == refolded.state, "seed \(seed)")
        let cold = floor.watch.now.ready.dropFirst().count { !$0.fromSnapshot }
        #expect(cold == 0, "seed \(seed)")
        #expect(kept.vector.places.mapValues(\.next) == refolded.vector.places.mapValues(\.next))
    }

    /// The same for any place at which a start may find the log, and whatever else the log holds.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `folds on from any snapshot as if it had never stopped`(seed: UInt64) async throws {
        let floor = try await TradingFloor(MemoryLog(holes: seed % 2 == 0))
        try await floor.append(StoryTeller.records(StoryTeller.Settings(seed: seed, orders: 50)))
        let sources = HandlerLife.partitions(HandlerLife.factTopics)
        let policy = floor.policy().policy.trading
        var states: [[UInt8]] = []
        for (records, held) in [(5_000, 100_000), (11, 30), (64, 5)] {
            var limits = FollowerLimits()
            limits.maximumBatchRecords = records
            limits.maximumHeldRecords = held
            let store = SnapshotStore(folder: "\(floor.folder.path)/\(records)", logID: "log")
            var isCaughtUp = false
            var state = HandlerState(under: policy)
            while !isCaughtUp {
                let fold: ResumedFold<HandlerState, HandlerReading> = try await store.resume(
                    "fold", from: floor.log, sources, limits, empty: { HandlerState(under: policy) },
                    reading: { HandlerReading() })
                state = fold.state
                for record in try await fold.follower.next(waiting: .seconds(5)) {
                    guard case .fact(.fact(let fact)) = record.content else { continue }
                    state.fold(fact, takenIn: record.ingestTime, at: record.offset)
                }
                let restored = try HandlerState(snapshot: state.snapshot)
                #expect(restored == state, "seed \(seed)")
                try store.save(state, at: fold.follower.vector, as: "fold")
                isCaughtUp = fold.follower.isCaughtUp
                await fold.follower.close()
                #expect(fold.discarded == nil, "seed \(seed)")
            }
            states.append(state.snapshot)
        }
        #expect(states.allSatisfy { $0 == states[0] }, "seed \(seed)")
        #expect(states[0].count > 1_000)
    }

    @Test func `throws a doubtful snapshot away, says so, and folds the log`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        try await floor.append((0..<10).map { floor.decision($0) })
        let first = Working(floor.context())
        try await floor.watch.wait("answers") { $0.counts.intents == 10 }
        try await first.stop()
        let path = floor.context().snapshots.path(of: "commands")
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.dropLast(9).write(to: URL(fileURLWithPath: path))
        try await floor.append([floor.decision(3), floor.decision(11)])
        let second = Working(floor.context())
        try await floor.watch.wait("the rest") { $0.counts.decisions == 12 }
        try await second.stop()
        #expect(floor.watch.now.discarded.count == 1 && floor.watch.now.counts.repeated == 1)
        #expect(try await floor.log.answers().count == 11)
    }

    @Test func `folds anew under a horizon that keeps other answers`() async throws {
        var floor = try await TradingFloor()
        try await floor.open()
        let first = Working(floor.context())
        try await floor.watch.wait("a start") { $0.ready.count == 1 }
        try await first.stop()
        floor.settings["TRADING_PLANNED_DECISION_TIMEOUT_SECONDS"] = "60"
        let second = Working(floor.context())
        try await floor.watch.wait("another start") { $0.ready.count == 2 }
        try await second.stop()
        #expect(floor.watch.now.discarded.count == 1 && floor.watch.now.ready.last?.fromSnapshot == false)
    }

    @Test func `does not go on from a snapshot of a log that was cut back`() async throws {
        let log = MemoryLog()
        let floor = try await TradingFloor(log)
        try await floor.open()
        let first = Working(floor.context())
        try await floor.watch.wait("a start") { $0.ready.count == 1 }
        try await first.stop()
        let control = TopicPartition(TopicCatalog.control.name, 0)
        log.truncate(control, to: 1)
        try await floor.append([
            floor.event(.control(.laneEnabled(LaneEnabled(order: TradingFloor.order(), lane: .execution))))
        ])
        let second = Working(floor.context())
        try await floor.watch.wait("another start") { $0.ready.count == 2 }
        try await second.stop()
        #expect(floor.watch.now.discarded.count == 1)
        #expect(floor.watch.now.discarded.first?.description.contains("is not the record that was consumed") == true)
    }
}

extension TradingFloor {
    /// How many decisions were asked for in all.
    func asked(_ more: Int) -> Int { watch.asked(more) }

    /// Orders go on: accepted, filled, over.
    func settle(by random: inout SplitMix64) async throws {
        time.move(.milliseconds(Int64(1 + random.next() % 50)))
        var events: [Event] = []
        for answer in try await log.answers().suffix(3) where random.next() % 2 == 0 {
            guard case .intents(.intentEmitted(let intent)) = answer.event.content else { continue }
            let withdrawn = IntentWithdrawn(
                intentID: intent.intentID, decisionHash: intent.decisionHash, clientOrderID: intent.clientOrderID,
                withdrawalReason: .canceled, attemptCount: 0)
            events.append(
                event(.route(.intentWithdrawn(withdrawn)), symbol: answer.event.envelope.symbol, story: random.next()))
        }
        if !events.isEmpty { try await append(events) }
    }
}
