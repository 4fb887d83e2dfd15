import Foundation
import TestSupport
import Testing

@Suite struct `A feed from another cluster` {
    /// Two clusters and a journal: what a Python forwarder writes to the one is classified on the other.
    @Test func `brings each message once onto the log, also when it is killed, and waits for a lost position`()
        async throws
    {
        let cluster = try Program(Ground())
        let (forwarders, address) = try Self.cluster(cluster)
        var program = try Program(Ground())
        program.environment = ["TRADING_ORDER_FEED_BOOTSTRAP_SERVERS": address, "TRADING_ORDER_FEED_ENABLED": "true"]
        program.environment["TRADING_ORDER_FEED_TOPIC_V2"] = "torghut.trade-updates.v2"
        try await program.prepared()
        try await Self.produce(1..<40, to: address)
        let first = try Projector(program, ["run", "--roles", "ingest"])
        try await waits(for: 39, by: program)
        first.signal(SIGKILL)
        #expect(try await first.process.finish() == -SIGKILL)
        try await Self.produce(40..<60, to: address)
        let second = try Projector(program, ["run", "--roles", "ingest"])
        try await waits(for: 59, by: program)
        let imported = try await program.run("log", "read", "--topic", "torghut.trade-updates.v1")
        #expect(imported.lines.count == 59)
        #expect(imported.lines.allSatisfy { $0.contains("torghut-origin") })
        let choices = try await program.run("log", "read", "--topic", "torghut.control.v1", "--values")
        #expect(choices.lines.filter { $0.contains("feed_position/torghut-order-feed-v1/") }.count == 6)
        #expect(choices.lines.filter { $0.contains("feed_position/torghut.order-feed/") }.count == 6)
        #expect(choices.lines.allSatisfy { $0.contains("0 (earliest)") })
        #expect(try await second.stop() == 0)
        forwarders.signal(SIGTERM)
        #expect(try await forwarders.process.finish() == 0)
        try await losesItsPosition(program)
    }

    /// Another cluster under the same name, with fewer messages than were read.
    private func losesItsPosition(_ before: Program) async throws {
        var program = before
        let (forwarders, address) = try Self.cluster(try Program(Ground()))
        program.environment["TRADING_ORDER_FEED_BOOTSTRAP_SERVERS"] = address
        try await Self.produce(100..<103, to: address)
        let feed = try Projector(program, ["run", "--roles", "ingest"])
        try await eventually("a position that is lost") {
            try await program.run("feed", "position", "list").status == 3
        }
        try await eventually("a lost position of the import") {
            let listed = try await program.run("feed", "position", "list", "--json")
            return listed.lines.contains { $0.contains(#""feed":"import""#) && $0.contains(#""stands":"lost""#) }
        }
        // While it waits nothing is read from anywhere.
        let waiting = try await program.run("log", "read", "--topic", "torghut.trade-updates.v1")
        #expect(waiting.lines.count == 59)
        let listed = try await program.run("feed", "position", "list", "--json")
        for line in listed.lines where line.contains(#""stands":"lost""#) {
            let row = try fields(line)
            let topic = try #require(row["topic"] as? String)
            let partition = try #require(row["partition"] as? NSNumber)
            let set = try await program.run(
                "feed", "position", "set", "--of", "import", "--topic", topic, "--partition", "\(partition)",
                "--offset", "earliest", "--reason", "the cluster was made anew", "--actor", "test")
            #expect(set.status == 0, "\(set.err)")
        }
        try await waits(for: 62, by: program)
        let said = try await program.run("log", "read", "--topic", "torghut.control.v1", "--values")
        #expect(said.lines.contains { $0.contains("the cluster was made anew") && $0.contains("previous_value") })
        #expect(try await program.run("feed", "position", "list").status == 0)
        #expect(try await feed.stop() == 0)
        forwarders.signal(SIGTERM)
        #expect(try await forwarders.process.finish() == 0)
    }

    @Test func `ends with exit code 2 when it is asked for on Kafka, and nobody says where from`() async throws {
        var program = try Program(Ground())
        program.environment = [
            "TRADING_ORDER_FEED_ENABLED": "true", "TORGHUT_LOG": "kafka:127.0.0.1:9", "TRADING_ACCOUNT_LABEL": "\u{7}",
            "TRADING_ORDER_FEED_BATCH_SIZE": "0", "TRADING_ORDER_FEED_AUTO_OFFSET_RESET": "none",
        ]
        let refused = try await program.run("run", "--roles", "ingest")
        #expect(refused.status == 2)
        for name in ["BOOTSTRAP_SERVERS is not set", "TRADING_ACCOUNT_LABEL", "AUTO_OFFSET_RESET"] {
            #expect(refused.err.contains(name), "\(refused.err)")
        }
        program.environment["TRADING_ORDER_FEED_BOOTSTRAP_SERVERS"] = "127.0.0.1:9"
        let itself = try await program.run("run", "--roles", "ingest")
        #expect(itself.status == 2)
        for name in ["names the log itself", "BATCH_SIZE"] { #expect(itself.err.contains(name), "\(itself.err)") }
    }

    private static func cluster(_ program: Program) throws -> (Running, String) {
        let running = try Running(program, "kafka", "dev")
        return (running, try #require(running.line()))
    }

    /// One message for each order, by a client that is none of ours.
    private static func produce(_ orders: Range<Int>, to address: String) async throws {
        let program = try Program(Ground())
        let lines = orders.map { number in
            let client = String(repeating: "0", count: 64 - "\(number)".count) + "\(number)"
            return "S\(number % 7)|" + #"{"stream":"trade_updates","data":{"event":"new","#
                + #""timestamp":"2026-02-11T15:30:02Z","order":{"id":"o-\#(number)","client_order_id":"\#(client)","#
                + #""symbol":"S\#(number % 7)","status":"new","qty":"1","filled_qty":"0"}}}"#
        }
        let produced = try await program.run(
            ["-b", address, "-P", "-t", "torghut.trade-updates.v1", "-K", "|", "-X", "partitioner=murmur2_random"],
            input: Array(lines.joined(separator: "\n").utf8), executable: "/usr/bin/kcat")
        try #require(produced.status == 0, "\(produced.err)")
    }

    private func waits(for orders: Int, by program: Program) async throws {
        try await eventually("\(orders) orders that are applied") {
            let read = try await program.run("log", "read", "--topic", "torghut.order-events.v1", "--values")
            let applied = read.lines.filter { $0.contains(#""classification":"applied""#) }
            try #require(applied.count == read.lines.count, "\(read.lines)")
            return applied.count >= orders
        }
    }
}
