import Bus
import Commands
import Core
import Domain
import Kafka
import RouterTestSupport
import TestSupport
import Testing
import Threading

/// The same driver over Kafka: transactions instead of the journal's groups, and a new epoch with each owner.
///
/// The cluster in memory fences nobody and shows what was never committed, so two owners are not let loose on it at once:
/// that is shown on the journal, and the fence itself by the log's contract on a real cluster.
@Suite(.serialized) struct `A router on Kafka` {
    @Test func `carries an intent to its order, and the partition's next owner goes on`() async throws {
        let ground = try await RouterGround()
        let cluster = try KafkaDevCluster()
        for topic in TopicCatalog.specs { try cluster.create(topic: topic.name, partitions: topic.partitions) }
        var settings = KafkaSettings(bootstrap: cluster.bootstrap)
        settings.properties = ["fetch.wait.max.ms": "20"]
        let log = try KafkaLog(settings)
        var words = ground.words
        words.deadline = .seconds(2)
        var maker = IntentMaker(words.policy.routing, prefix: "kafka")
        let first = maker.next("AAPL", at: ground.time.now())
        try await RouterGround.append([IntentMaker.released(at: ground.time.now()), first], to: log)
        let partition = RouterGround.partition(of: "AAPL")
        let older = RouterHere(words, on: log, partitions: [partition], process: "older")
        let firstID = try #require(first.intent).intentID
        let told = try await older.story { $0.ending(of: firstID) == .live }
        #expect(told.kinds(of: firstID) == ["attempt_prepared", "attempt_sent", "attempt_accepted"])
        await older.fleet.end()
        let newer = RouterHere(words, on: log, partitions: [partition], process: "newer")
        try await eventually("the newer one's partition") {
            newer.notes.all.contains { $0.hasPrefix("owned \(partition): epoch 2") }
        }
        let second = maker.next("AAPL", at: ground.time.now())
        try await RouterGround.append([second], to: log)
        let secondIntent = try #require(second.intent)
        let story = try await newer.story { $0.ending(of: secondIntent.intentID) == .live }
        #expect(story.ending(of: secondIntent.intentID) == .live)
        #expect(try await ground.count(of: secondIntent.clientOrderID) == (1, 1))
        await newer.fleet.end()
        await log.close()
        cluster.close()
    }
}
