import Foundation
import TestSupport
import Testing

/// kill -9 of everything, at once and at any moment, and `torghut up` again.
struct UpKilling {
    private static let patience: Duration = .seconds(180)

    private(set) var program: Program
    let rate: String
    private var token = ""
    private var api = ""
    /// Where a page stood that listened during the first life.
    private var place = ""

    init(rate: String) throws {
        program = try Program(Ground())
        self.rate = rate
    }

    /// One life: trades for a while, then every process is killed.
    mutating func live(_ orders: Int, _ random: inout SplitMix64) async throws {
        let up = try await RunningUp(program, "--rate", rate)
        if token.isEmpty {
            (token, api) = (up.card.token, up.card.api)
            // A broker that takes the same order twice: only ours is left to see that it is one.
            let set = try await RunningAPI.Client(address: up.card.simulator).post(
                "/_sim/settings", #"{"unique_client_order_ids": false}"#, as: nil)
            #expect(set.status == 200, "\(set)")
        }
        #expect(up.card.token == token && up.card.api == api, "a page that is open goes on")
        let had = try await up.books().count
        try await eventually("\(orders) more orders") { try await up.books().count >= had + orders }
        if place.isEmpty { place = try await listened(to: up) }
        // Anywhere in what is under way: a moment that nothing chose.
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...400, using: &random)))
        try await up.killEverything()
        // What ends by itself when its input ends has done so before anybody looks.
        try await eventually("nothing left") { up.leftovers() == [] }
    }

    private func listened(to up: RunningUp) async throws -> String {
        var line: Substring?
        try await eventually("a snapshot") {
            let heard = try await up.client.curl(
                "/trading/stream", as: "Authorization: Bearer \(token)", ["--max-time", "1"])
            line = heard.body.split(whereSeparator: \.isNewline).first { $0.hasPrefix("id: ") }
            return line != nil
        }
        return String(try #require(line).dropFirst(4))
    }

    /// A send to Alpaca that a death cut off is proved absent by nobody, for Alpaca enforces no deadline: a person looks
    /// into the books, and says so.
    private func settleDoubts(_ up: RunningUp) async throws {
        let open = try await up.rows(
            "SELECT client_order_id || ' ' || intent_id FROM executions WHERE status IN ('prepared', 'unknown')")
        guard !open.isEmpty else { return }
        let books = try await up.books()
        for line in open {
            let ids = line.split(separator: " ").map(String.init)
            guard books[ids[0]] == nil else { continue }
            let said = try await program.run([
                "override", "attempt_not_live", "--intent", ids[1], "--actor", "ann", "--reason",
                "the broker's books do not have it", "--json",
            ])
            #expect(said.status == 0, "\(said.err)")
        }
    }

    /// Goes on without new decisions until nothing is under way, and holds everything against everything.
    func settle() async throws -> Int {
        let up = try await RunningUp(program, "--no-trader")
        try await eventually(
            "the records after the last that the page was told", within: Self.patience, every: .milliseconds(100)
        ) {
            let resumed = try await up.client.curl(
                "/trading/stream", as: "Authorization: Bearer \(token)",
                ["-H", "Last-Event-ID: \(place)", "--max-time", "2"])
            #expect(!resumed.body.contains("event: snapshot"))
            return resumed.status == 200 && resumed.body.contains("event: ")
        }
        // Everything is folded from the first record again: no snapshot was saved by who was killed.
        var reasons: [String] = []
        try await eventually(
            "a system that may go on", within: Self.patience, every: .milliseconds(100), or: { "\(reasons)" }
        ) {
            reasons = try await up.safety()
            try await settleDoubts(up)
            return reasons.isEmpty
        }
        try await eventually("an answer to each intent", within: Self.patience, every: .milliseconds(100)) {
            let open = try await up.number(
                "SELECT count(*) FROM trade_decisions WHERE status IN ('planned', 'submitted')")
            let sent = try await up.number("SELECT count(*) FROM executions WHERE status IN ('prepared', 'unknown')")
            return open == 0 && sent == 0
        }
        let books = try await up.books()
        #expect(books.values.allSatisfy { $0 == 1 }, "no order twice")
        let known = try await RunningUp.events(program, "torghut.route.v1").filter {
            ["route.attempt_accepted", "route.attempt_resolved"].contains($0["event_type"] as? String ?? "")
        }
        let ours = Set(known.compactMap { ($0["payload"] as? [String: Any])?["client_order_id"] as? String })
        #expect(Set(books.keys).isSubset(of: ours), "\(Set(books.keys).subtracting(ours)) are nowhere on the log")
        let accepted = known.filter { $0["event_type"] as? String == "route.attempt_accepted" }
        let lost = Set(accepted.compactMap { ($0["payload"] as? [String: Any])?["client_order_id"] as? String })
            .subtracting(books.keys)
        #expect(lost == [], "the broker has lost what he took")
        try await eventually("a row for each order", within: Self.patience, every: .milliseconds(100)) {
            try await up.number("SELECT count(*) FROM executions WHERE alpaca_order_id IS NOT NULL") == books.count
        }
        var psql = program
        psql.environment["TORGHUT_DB_DSN"] = up.card.database
        let roots = try await psql.run(["projections", "verify"], limit: .seconds(120))
        #expect(roots.status == 0, "\(roots.text)\(roots.err)")
        up.signal(SIGTERM)
        #expect(try await up.process.finish() == 0)
        let log = try await program.run("log", "verify")
        #expect(log.status == 0, "\(log.text)")
        let audit = try await program.run(["audit"], limit: .seconds(120))
        #expect(audit.status == 0, "\(audit.text)")
        return books.count
    }
}

@Suite struct `kill -9 of everything` {
    @Test func `loses nothing, sends no order twice, and the page goes on`() async throws {
        var killing = try UpKilling(rate: "20")
        var random = SplitMix64(seed: 7)
        try await killing.live(6, &random)
        try await killing.live(4, &random)
        #expect(try await killing.settle() >= 10)
    }

    @Test(arguments: ["simulator", "postgres_server"])
    func `of one program is named, and it is started again`(name: String) async throws {
        let program = try Program(Ground())
        let up = try await RunningUp(program, "--rate", "5")
        let before = try #require(up.card.processes[name])
        kill(before, SIGKILL)
        try await eventually("\(name), started again") {
            try up.look() && up.card.processes[name].map { $0 != before && RunningUp.isAlive($0) } ?? false
        }
        if name == "simulator" {
            #expect(try up.text().contains("simulator was ended by signal 9; it is started again in 250 ms"))
            // It has a process before it listens.
            try await eventually("its books") {
                let books = up.card.simulator + "/_sim/summary"
                return try await aside { try Judge.run("curl", ["-sf", "--max-time", "2", books]).status == 0 }
            }
        }
        let had = try await up.books().count
        try await eventually("orders and their rows", within: .seconds(120), every: .milliseconds(100)) {
            try await up.number("SELECT count(*) FROM executions WHERE status = 'filled'") > had
        }
        up.signal(SIGTERM)
        #expect(try await up.process.finish() == 0)
        #expect(up.leftovers() == [])
    }
}

@Suite(.enabled(if: Storm.isOn))
struct `Soak: kill -9 of everything` {
    @Test func `again and again, at any moment`() async throws {
        var killing = try UpKilling(rate: "30")
        var random = SplitMix64(seed: Storm.seed)
        let rounds = 12
        for _ in 0..<rounds { try await killing.live(Int.random(in: 0...60, using: &random), &random) }
        let orders = try await killing.settle()
        print("up: killed \(rounds) times, \(orders) orders, each once; seed \(Storm.seed)")
    }
}
