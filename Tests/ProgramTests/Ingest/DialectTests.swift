import Foundation
import Testing

@Suite struct `What forwarders produce to Kafka in their own shapes` {
    /// Written by Python's client; the order's life is read from the log by `orders show`.
    @Test func `is shown as the order's true life, whatever shape it came in`() async throws {
        let cluster = try Program(Ground())
        let running = try Running(cluster, "kafka", "dev")
        let address = try #require(running.line())
        var program = try Program(Ground())
        program.environment = ["TORGHUT_LOG": "kafka:\(address)"]
        let feed = try Projector(program, ["run", "--roles", "ingest"])
        let script = #filePath.replacing("DialectTests.swift", with: "produce_dialects.py")
        let produced = try await program.run([script, address], executable: "/usr/bin/python3")
        try #require(produced.status == 0, "\(produced.err)")
        let expectations = try produced.lines.map { try fields($0) }
        #expect(expectations.count == 12)
        for expected in expectations { try await shows(expected, program) }
        let parked = try await program.run("log", "read", "--topic", "torghut.quarantine.v1", "--values")
        #expect(parked.lines.count == 2, "\(parked.text)")
        #expect(try await feed.stop() == 0)
        running.signal(SIGTERM)
        #expect(try await running.process.finish() == 0)
    }

    @Test func `is answered with exit code 3 where no event names the id`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let shown = try await program.run("orders", "show", "nobody")
        #expect(shown.status == 3 && shown.out.isEmpty)
        #expect(shown.err.contains("no event names 'nobody'"))
    }

    private func shows(_ expected: [String: any Sendable], _ program: Program) async throws {
        let id = try #require(expected["id"] as? String)
        let classes = try #require(expected["classes"] as? [String])
        let deadline = ContinuousClock.now + .seconds(40)
        var order: [String: any Sendable] = [:]
        var found: [String] = []
        while found.count < classes.count {
            try #require(ContinuousClock.now < deadline, "\(id): \(found)")
            let shown = try await program.run("orders", "show", id, "--json")
            guard shown.status == 0, let line = shown.lines.first else { continue }
            #expect(shown.lines.count == 1)
            order = try fields(line)
            found = (order["events"] as? [[String: any Sendable]] ?? []).compactMap { $0["classification"] as? String }
        }
        for (one, other) in zip(found, classes) where other != "*" { #expect(one == other, "\(id): \(found)") }
        #expect(found.count == classes.count, "\(id): \(found)")
        for (name, value) in expected where name != "id" && name != "classes" {
            #expect((order[name] as? String) == (value as? String), "\(id): \(name) of \(order)")
        }
        let table = try await program.run("orders", "show", id)
        #expect(table.status == 0 && table.text.contains(classes[0] == "*" ? "" : classes[0]), "\(table.text)")
    }
}
