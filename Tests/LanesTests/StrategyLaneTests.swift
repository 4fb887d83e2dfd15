import Core
import Domain
import Folding
import HTTPServer
import Lanes
import TestSupport
import Testing
import Threading
import Wire

@Suite struct `The lane that evaluates strategies` {
    private final class Ear: LaneObserver {
        func folded(_ book: PromotionBook, waiting: Int, asking: Int) {}
        func noted(_ note: LaneNote) {}
    }

    /// Evaluations in the order of the log.
    private static func evaluations(_ log: MemoryLog) async throws -> [StrategyShadowEvaluated] {
        let topic = TopicCatalog.strategyShadow
        let sources = (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        let follower = try await LogFollower.open(log, sources) {
            EventReading(wanting: Set(EventFamily.strategyShadow.types))
        }
        var found: [StrategyShadowEvaluated] = []
        while !follower.isCaughtUp {
            for record in try await follower.next(waiting: .milliseconds(5)) {
                if case .fact(let event) = record.content,
                    case .strategyShadow(.strategyShadowEvaluated(let event)) = event.content
                {
                    found.append(event)
                }
            }
        }
        await follower.close()
        return found
    }

    @Test(arguments: [1, 500]) func `says the same however many answers are written at once`(atOnce: Int) async throws {
        let count = 20
        let answer =
            #"{"run_id":"r","parity_status":"pass","authority_mode":"embedded_engine","governance":{}}"#
        let floor = try await LaneFloor()
        // Nobody is answered before all have asked: the answers come together.
        floor.answer { _ in
            while floor.questions < count, !Task.isCancelled { await pause(.milliseconds(5)) }
            return .json(Array(answer.utf8))
        }
        try await floor.emit(0..<count)
        var limits = LaneFloor.limits
        limits.concurrency = count
        limits.recordsPerAppend = atOnce
        var runner = LaneRunnerSettings(address: floor.address)
        runner.concurrency = count
        var context = LaneContext(
            log: floor.log, craft: StrategyShadowCraft(), runner: LaneRunner(runner), book: PromotionBook(),
            ruled: { $0 }, time: SystemTime(), snapshots: SnapshotStore(folder: floor.folder.path, logID: "log"),
            observer: Ear())
        context.limits = limits
        let lane = AskingLane(context)
        let work = Task { try await lane.run() }
        let deadline = ContinuousClock.now + .seconds(30)
        while try await Self.evaluations(floor.log).count < count, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        work.cancel()
        _ = await work.result
        // Each counts those before it and itself.
        let told = try await Self.evaluations(floor.log).map(\.governanceJSON.evaluations)
        #expect(told == (1...Int64(count)).map { $0 })
    }
}
