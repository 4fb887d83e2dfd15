import Foundation
import TestSupport
import Testing

@Suite struct `An operator's order` {
    private let program: Program
    private let who = ["--reason", "because", "--actor", "anna"]

    init() async throws {
        program = try Program(Ground())
        try await program.prepared()
    }

    private func said(_ words: String...) async throws -> Program.Output { try await program.run(words + who) }

    private func status() async throws -> [String] {
        let output = try await program.run("control", "status", "--json")
        return try output.lines.map { line in
            let row = try fields(line)
            return "\(row["what"] ?? "") \(row["name"] ?? "") \(row["state"] ?? "")"
        }
    }

    @Test func `takes a lane out of use, and lets it be used again`() async throws {
        #expect(try await said("lane", "disable", "lean").status == 0)
        #expect(try await status().contains("lane execution disabled"))
        #expect(try await said("lane", "enable", "lean").status == 0)
        #expect(try await !status().contains("lane execution disabled"))
        let unknown = try await said("lane", "disable", "motorway")
        #expect(unknown.status == 2 && unknown.err.contains("no lane 'motorway'"), "\(unknown.err)")
    }

    @Test func `holds a symbol for a person, and lets it go by the name of its review`() async throws {
        #expect(try await said("symbol", "review", "clear", "BTC/USD").status == 3)
        #expect(try await said("symbol", "review", "open", "BTC/USD").status == 0)
        #expect(try await said("symbol", "review", "open", "BTC/USD").text.contains("already"))
        #expect(try await status().contains("review BTC/USD open"))
        #expect(try await said("symbol", "review", "clear", "BTC/USD").status == 0)
        let events = try await program.run("log", "read", "--topic", "torghut.control.v1", "--values")
        let first = try #require(events.lines.first)
        let opened = try #require(try fields(first)["event_id"] as? String)
        #expect(events.lines.last?.contains("\"opened_event_id\":\"\(opened)\"") == true)
        #expect(try await !status().contains { $0.hasPrefix("review") })
    }

    @Test func `grants one exception on one intent, for a while`() async throws {
        let intent = "00000000-0000-8000-8000-000000000007"
        for (words, fault) in [
            (["override", "route", "--intent", intent], "needs an adapter"),
            (["override", "attempt_live", "--intent", intent], "needs alpaca_order_id"),
            (["override", "everything", "--intent", intent], "no exception 'everything'"),
            (["override", "release_hold", "--intent", "7"], "--intent"),
            (["override", "release_hold"], "needs --intent"),
        ] {
            let refused = try await program.run(words + who)
            #expect(refused.status == 2 && refused.err.contains(fault), "\(refused.err)")
        }
        #expect(try await said("override", "route", "--intent", intent, "--adapter", "alpaca").status == 0)
        #expect(try await said("override", "release-hold", "--intent", intent, "--expires", "500ms").status == 0)
        #expect(try await status().contains("override \(intent) route"))
        try await eventually("an exception that has expired") {
            try await !status().contains("override \(intent) release_hold")
        }
    }
}
