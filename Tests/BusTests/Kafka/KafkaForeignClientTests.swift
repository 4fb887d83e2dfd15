import Core
import Kafka
import TestSupport
import Testing

@testable import Bus

@Suite(.serialized) struct `A foreign client` {
    @Test func `reads what we wrote, key, headers and all`() async throws {
        try await withKafkaLog { cluster, log in
            let writer = try await log.writer(named: "w")
            try await writer.append(
                Append([
                    NewRecord(
                        topic: "t", key: Array("AAPL".utf8), value: Array("{\"a\":1}".utf8),
                        headers: [Header("ce_id", Array("7".utf8)), Header("none", nil)], timestamp: 1_700_000_000_123),
                    NewRecord(topic: "t", value: nil),
                ]))
            let arguments = ["-b", cluster.bootstrap, "-C", "-t", "t", "-e", "-q", "-f", "%o|%T|%k|%s|%h|%K|%S\\n"]
            let lines = try kcat(arguments).split(separator: "\n")
            #expect(lines.first == "0|1700000000123|AAPL|{\"a\":1}|ce_id=7,none=NULL|4|7")
            #expect(lines.last?.hasSuffix("|-1|-1") == true)
        }
    }

    @Test func `writes what we read`() async throws {
        try await withKafkaLog { cluster, log in
            let arguments = ["-b", cluster.bootstrap, "-P", "-t", "t", "-K", ":", "-H", "a=1", "-H", "b=two"]
            _ = try kcat(arguments, input: "k1:v1\nk2:v2\n")
            let reader = try await log.reader(from: [TopicPartition("t", 0): .beginning], ReadOptions())
            let records = try await take(2, from: reader)
            #expect(records.map(\.key) == [Array("k1".utf8), Array("k2".utf8)])
            #expect(records.map(\.value) == [Array("v1".utf8), Array("v2".utf8)])
            let headers = [Header("a", Array("1".utf8)), Header("b", Array("two".utf8))]
            #expect(records.allSatisfy { $0.headers == headers })
        }
    }

    @Test func `commits a position that we find`() async throws {
        try await withKafkaLog { cluster, log in
            let writer = try await log.writer(named: "w")
            try await writer.append(Append((0..<3).map { _ in NewRecord(topic: "t", value: [65]) }))
            let arguments = [
                "-b", cluster.bootstrap, "-X", "auto.offset.reset=earliest", "-e", "-q", "-c", "3", "-G", "g", "t",
            ]
            _ = try kcat(arguments)
            let place = TopicPartition("t", 0)
            let found = try await log.positions(of: "g", in: [place])
            #expect(found == [place: ConsumerPosition(consumer: "g", source: place, next: 3, anchor: nil)])
        }
    }

    @Test func `puts a key into the partition we put it into`() async throws {
        let seed: UInt64 = 0x7061_7274
        var generator = SplitMix64(seed: seed)
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ./0")
        let keys = Set(
            (0..<300).map { _ in
                String(
                    (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                        letters.randomElement(using: &generator) ?? "A"
                    })
            }
        ).sorted()
        try await withKafkaLog(topics: [("ours", 12), ("theirs", 12)]) { cluster, log in
            let writer = try await log.writer(named: "w")
            let written = try await writer.append(
                Append(keys.map { NewRecord(topic: "ours", key: Array($0.utf8), value: [1]) }))
            let arguments = [
                "-b", cluster.bootstrap, "-P", "-t", "theirs", "-K", ":", "-X", "topic.partitioner=murmur2_random",
            ]
            _ = try kcat(arguments, input: keys.map { "\($0):1\n" }.joined())
            let starts = (0..<12).map { (TopicPartition("theirs", $0), ReadStart.beginning) }
            let reader = try await log.reader(from: Dictionary(uniqueKeysWithValues: starts), ReadOptions())
            var theirs: [String: Int32] = [:]
            for record in try await take(keys.count, from: reader) {
                theirs[String(decoding: record.key ?? [], as: UTF8.self)] = record.position.source.partition
            }
            for (key, position) in zip(keys, written) {
                let said = Murmur2Partitioner.partition(forKey: Array(key.utf8), of: 12)
                #expect(position.source.partition == said, "\(key), seed \(seed)")
                #expect(theirs[key] == said, "\(key), seed \(seed)")
            }
        }
    }
}

@Suite struct `The partitioner` {
    /// Vectors of Kafka's own UtilsTest.
    @Test(
        arguments: [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
        ] as [(String, Int32)])
    func `hashes as Java's client does`(key: String, hash: Int32) {
        #expect(Murmur2Partitioner.hash(Array(key.utf8)) == hash)
    }

    @Test func `masks the sign, and draws a partition for a record without a key`() {
        #expect(Murmur2Partitioner.partition(forKey: Array("21".utf8), of: 12) == (-973_932_308 & 0x7FFF_FFFF) % 12)
        var generator = SplitMix64(seed: 1)
        let drawn = (0..<200).map { _ in Murmur2Partitioner.partition(forKey: nil, of: 3, using: &generator) }
        #expect(Set(drawn) == [0, 1, 2])
    }
}
