import Core
import Foundation
import Kafka
import TestSupport
import Testing

@testable import Bus

/// A real cluster, when one is named; what these tests show the mock cluster cannot.
enum RealCluster {
    static let address = ProcessInfo.processInfo.environment["TORGHUT_TEST_KAFKA"].flatMap { $0.isEmpty ? nil : $0 }

    static func settings() throws -> KafkaSettings {
        let given = ProcessInfo.processInfo.environment["TORGHUT_TEST_KAFKA_PROPS"] ?? ""
        return KafkaSettings(bootstrap: address ?? "", properties: try properties(given))
    }

    /// `name=value;…` as it stands, or the file that holds it: `PATH` or `@PATH`.
    static func properties(_ given: String) throws -> [String: String] {
        let path = given.hasPrefix("@") ? String(given.dropFirst()) : given
        let isFile = path.count < given.count || FileManager.default.fileExists(atPath: path)
        return try KafkaSettings.properties(from: isFile ? String(contentsOfFile: path, encoding: .utf8) : given)
    }

    /// Removes a group, if there is one.
    static func remove(group: String) async throws {
        let admin = try KafkaAdmin(try settings())
        let failure: KafkaError?
        do throws(KafkaError) {
            try await admin.delete(group: group)
            failure = nil
        } catch {
            failure = error
        }
        await admin.close()
        if let failure, failure.code != .groupNotFound { throw failure }
    }

    static let sentences = [
        "an aborted append is invisible, and a reader passes the hole",
        "an open transaction holds the end back, and nobody reads behind it",
        "the second writer of a name fences the first",
        "positions come back with their anchors, and only with their append",
        "a topic is created, described, adjusted and deleted",
        "a topic that was created again starts anew, and an old position outside it is refused",
        "members of a group share partitions and hold what is revoked",
        "the connection's security is what the properties say",
    ]
}

/// Prints what the run did not show, once, when no cluster is named.
struct NotShownOnTheMock: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard RealCluster.address == nil else { return try await function() }
        print("not shown on the mock cluster: " + RealCluster.sentences.joined(separator: "; "))
    }
}

@Suite struct `The log on Kafka under test` {
    @Test func `takes its properties inline, or from a file by its path, with or without an @`() throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/kafka.properties"
        try "security.protocol=ssl\na=b;c\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try RealCluster.properties("") == [:])
        #expect(try RealCluster.properties("a=b;c=d") == ["a": "b", "c": "d"])
        for given in [path, "@\(path)"] {
            #expect(try RealCluster.properties(given) == ["security.protocol": "ssl", "a": "b;c"])
        }
        #expect(throws: (any Error).self) { try RealCluster.properties("@\(path).none") }
    }
}

@Suite(.serialized, NotShownOnTheMock()) struct `On a real cluster` {
    private static let run = UInt32.random(in: 0...UInt32.max)

    private func withTopic(
        _ name: String, partitions: Int32 = 1, _ body: (KafkaLog, String) async throws -> Void
    ) async throws {
        let log = try KafkaLog(try RealCluster.settings())
        let topic = "torghut-test-\(Self.run)-\(name)"
        try await log.create([TopicSpec(name: topic, partitions: partitions, retentionMilliseconds: nil)])
        do {
            try await body(log, topic)
        } catch {
            try await log.delete(topic)
            await log.close()
            throw error
        }
        try await log.delete(topic)
        await log.close()
    }

    private func record(_ text: String, _ topic: String) -> NewRecord {
        NewRecord(topic: topic, partition: 0, value: Array(text.utf8))
    }

    @Test func `an aborted append is invisible, and a reader passes the hole`() async throws {
        try await withTopic("aborted") { log, topic in
            let place = TopicPartition(topic, 0)
            let producer = try KafkaProducer(try RealCluster.settings(), transactionalID: "\(topic)-p")
            try await producer.initialize()
            _ = try await producer.append([record("a", topic)])
            try await producer.discard([record("never", topic)])
            _ = try await producer.append([record("b", topic)])
            try await producer.discard([record("never", topic)])
            let end = try #require(await log.bounds(of: [place])[place]?.end)
            let reader = try await log.reader(from: [place: .beginning], ReadOptions())
            var values: [String] = []
            var next: Int64 = 0
            let limit = ContinuousClock.now + .seconds(20)
            while next < end, ContinuousClock.now < limit {
                let batch = try await reader.next(waiting: .milliseconds(500))
                for index in 0..<batch.count {
                    values.append(String(decoding: batch.record(at: index).value ?? [], as: UTF8.self))
                }
                next = batch.next[place] ?? next
            }
            #expect(values == ["a", "b"])
            #expect(next == end)
            await producer.close()
        }
    }

    @Test func `an open transaction holds the end back, and nobody reads behind it`() async throws {
        try await withTopic("open") { log, topic in
            let place = TopicPartition(topic, 0)
            let producer = try KafkaProducer(try RealCluster.settings(), transactionalID: "\(topic)-p")
            try await producer.initialize()
            try await producer.leaveOpen([record("pending", topic)])
            let writer = try await log.writer(named: "\(topic)-w")
            try await writer.append(Append([record("later", topic)]))
            let held = try #require(await log.bounds(of: [place])[place])
            #expect(held.end == 0)
            let reader = try await log.reader(from: [place: .beginning], ReadOptions())
            #expect(try await reader.next(waiting: .seconds(1)).isEmpty)
            let successor = try await log.writer(named: "\(topic)-p")
            #expect(try await take(1, from: reader).map(\.value) == [Array("later".utf8)])
            await successor.close()
            await producer.close()
        }
    }

    @Test func `the second writer of a name fences the first`() async throws {
        try await withTopic("fence") { log, topic in
            let first = try await log.writer(named: topic)
            try await first.append(Append([record("a", topic)]))
            let second = try await log.writer(named: topic)
            let error = await #expect(throws: LogError.self) { try await first.append(Append([record("x", topic)])) }
            #expect(error?.reason == .fenced(writer: topic))
            try await second.append(Append([record("b", topic)]))
            let reader = try await log.reader(from: [TopicPartition(topic, 0): .beginning], ReadOptions())
            #expect(try await take(2, from: reader).map(\.value) == [Array("a".utf8), Array("b".utf8)])
        }
    }

    @Test func `positions come back with their anchors, and only with their append`() async throws {
        try await withTopic("positions", partitions: 2) { log, topic in
            let admin = try KafkaAdmin(try RealCluster.settings())
            let place = TopicPartition(topic, 0)
            let writer = try await log.writer(named: topic)
            let anchor = Anchor(offset: 3, timestamp: 1_700_000_000_000, hash: .max)
            let position = ConsumerPosition(consumer: topic, source: place, next: 4, anchor: anchor)
            try await writer.append(Append([record("a", topic)], positions: [position]))
            let stored = try await log.positions(of: topic, in: [place, TopicPartition(topic, 1)])
            #expect(stored == [place: position])
            let moved = ConsumerPosition(consumer: topic, source: place, next: 5, anchor: nil)
            await #expect(throws: LogError.self) {
                try await writer.append(Append([NewRecord(topic: "\(topic)-no", value: nil)], positions: [moved]))
            }
            #expect(try await log.positions(of: topic, in: [place]) == [place: position])
            try await admin.delete(group: topic)
            await admin.close()
        }
    }

    @Test func `a topic is created, described, adjusted and deleted`() async throws {
        try await withTopic("admin", partitions: 2) { log, topic in
            func found() async throws -> TopicDescription? { try await log.describe().first { $0.name == topic } }
            #expect(try await found()?.partitions == 2)
            #expect(try await found()?.settings["retention.ms"] == "-1")
            let again = TopicSpec(name: topic, partitions: 2, retentionMilliseconds: nil)
            let exists = await #expect(throws: LogError.self) { try await log.create([again]) }
            #expect(exists?.disposition == .reject)
            let wider = TopicSpec(
                name: topic, partitions: 3, retentionMilliseconds: 86_400_000, cleanup: .compactAndDelete)
            try await log.adjust(wider)
            let now = try #require(await found())
            #expect(now.partitions == 3)
            #expect(now.settings["retention.ms"] == "86400000")
            #expect(now.settings["max.message.bytes"] == "\(KafkaSettings.maximumMessageBytes)")
            #expect(Set(now.settings["cleanup.policy"]?.split(separator: ",") ?? []) == ["compact", "delete"])
            let narrower = await #expect(throws: LogError.self) { try await log.adjust(again) }
            #expect(narrower?.disposition == .reject)
            let missing = await #expect(throws: LogError.self) { try await log.delete("\(topic)-no") }
            #expect(missing?.reason == .unknownTopic("\(topic)-no"))
        }
    }

    @Test func `a topic that was created again starts anew, and an old position outside it is refused`() async throws {
        try await withTopic("again") { log, topic in
            let place = TopicPartition(topic, 0)
            let writer = try await log.writer(named: topic)
            try await writer.append(Append((0..<5).map { record("\($0)", topic) }))
            try await log.delete(topic)
            try await log.create([TopicSpec(name: topic, partitions: 1, retentionMilliseconds: nil)])
            let successor = try await log.writer(named: topic)
            try await successor.append(Append([record("new", topic)]))
            let bounds = try #require(await log.bounds(of: [place])[place])
            #expect(bounds.end < 5)
            let error = await #expect(throws: LogError.self) {
                try await log.reader(from: [place: .offset(5)], ReadOptions())
            }
            #expect(error?.reason == .positionOutOfRange(place, asked: 5, bounds))
        }
    }

    @Test func `members of a group share partitions and hold what is revoked`() async throws {
        try await withTopic("group", partitions: 4) { log, topic in
            let first = try await log.join(group: "\(topic)-g", sharing: topic)
            var mine: Set<Int32> = []
            let limit = ContinuousClock.now + .seconds(60)
            while mine.count < 4, ContinuousClock.now < limit {
                if case .granted(let partitions) = try await first.change(waiting: .seconds(1)) {
                    mine.formUnion(partitions)
                }
            }
            #expect(mine.count == 4)
            let second = try await log.join(group: "\(topic)-g", sharing: topic)
            var taken: Set<Int32> = []
            while taken.isEmpty, ContinuousClock.now < limit {
                if case .revoked(let partitions) = try await first.change(waiting: .seconds(1)) { taken = partitions }
            }
            #expect(taken.count == 2)
            #expect(try await second.change(waiting: .seconds(2)) == nil)
            try await first.released(taken)
            var theirs: Set<Int32> = []
            while theirs != taken, ContinuousClock.now < limit {
                if case .granted(let partitions) = try await second.change(waiting: .seconds(1)) {
                    theirs.formUnion(partitions)
                }
            }
            #expect(theirs == taken)
            await second.leave()
            await first.leave()
            try await RealCluster.remove(group: "\(topic)-g")
        }
    }

    @Test func `the connection's security is what the properties say`() async throws {
        let settings = try RealCluster.settings()
        let protocolName = settings.properties["security.protocol"]?.lowercased() ?? "plaintext"
        guard protocolName.hasPrefix("sasl") else { return }
        var wrong = settings
        wrong.properties["sasl.password"] = "not the password"
        wrong.requestTimeout = .seconds(5)
        let log = try KafkaLog(wrong)
        let error = await #expect(throws: LogError.self) { try await log.writer(named: "torghut-test-\(Self.run)") }
        #expect(error?.disposition == .reject)
        #expect(error?.description.contains("not the password") == false)
        await log.close()
    }
}
