import Domain
import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct `Discrepancies by command` {
    private let broker: Simulator
    private let program: Program

    init() throws {
        broker = try Simulator("alpaca")
        var program = try Program(Ground())
        program.environment = [
            "APCA_API_BASE_URL": broker.address(), "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret",
            "TRADING_RECONCILE_GRACE_MS": "50",
        ]
        self.program = program
    }

    /// An order that is not ours.
    private func submitFromOutside() async throws {
        try await broker.control("/_sim/outcomes", #"{"action":"rest"}"#)
        let body = #"{"symbol":"AAPL","side":"buy","type":"market","time_in_force":"day","qty":"3"}"#
        let request = HTTPRequest(
            .post, broker.address() + "/v2/orders",
            headers: [("APCA-API-KEY-ID", "key"), ("APCA-API-SECRET-KEY", "secret")], body: Array(body.utf8))
        let answer = try await HTTPPool(lanes: 1).exchange(request).result.get()
        try #require(answer.status == 200)
    }

    private func events() async throws -> [String] {
        try await program.run("log", "read", "--topic", TopicCatalog.orderEvents.name, "--values").lines
    }

    @Test func `are found by a look at the broker, listed, shown, and explained once`() async throws {
        try await program.prepared()
        let fits = try await program.run("reconcile", "now")
        #expect(fits.status == 0 && fits.text.contains("everything fits: 0 orders read"), "\(fits.text)\(fits.err)")
        try await submitFromOutside()
        let before = try await events().count
        let dry = try await program.run("reconcile", "now", "--dry-run", "--json")
        #expect(dry.status == 3, "\(dry.text)\(dry.err)")
        let shown = try fields(try #require(dry.lines.first))
        #expect(shown["kind"] as? String == "unknown_broker_order" && shown["standing"] as? String == "found")
        #expect(shown["severity"] as? String == "info" && shown["expected"] as? String == "no order of ours")
        #expect(try await events().count == before)

        let look = try await program.run("reconcile", "now")
        #expect(look.status == 3 && look.text.contains("found"), "\(look.text)\(look.err)")
        let listed = try await program.run("discrepancies", "list", "--json")
        #expect(listed.status == 0 && listed.lines.count == 1, "\(listed.text)\(listed.err)")
        let id = try #require(try fields(listed.lines[0])["id"] as? String)
        let detail = try await program.run("discrepancies", "show", id)
        #expect(detail.status == 0 && detail.text.contains("no order of ours"), "\(detail.text)")
        #expect(try await program.run("discrepancies", "list", "--kind", "missing_fill", "--json").text.isEmpty)

        let words = ["--reason", "a hand order", "--actor", "ann"]
        let resolved = try await program.run(["discrepancies", "resolve", id] + words)
        #expect(resolved.status == 0, "\(resolved.err)")
        #expect(try await program.run(["discrepancies", "resolve", id] + words).status == 3)
        #expect(try await program.run("discrepancies", "list", "--json").text.isEmpty)
        let all = try await program.run("discrepancies", "list", "--all", "--json")
        #expect(try fields(all.lines[0])["resolution"] as? String == "explained")
        let again = try await program.run("reconcile", "now", "--json")
        // What somebody explained is shown, and is no reason to wake anybody.
        #expect(again.status == 0 && again.text.contains("explained"), "\(again.text)")
        #expect(try await events().count { $0.contains("order.discrepancy_found") } == 1)
    }

    @Test func `that are over are listed once more, under their ids`() async throws {
        try await program.prepared()
        try await submitFromOutside()
        #expect(try await program.run("reconcile", "now").status == 3)
        let open = try await program.run("reconcile", "now", "--json")
        let row = try fields(try #require(open.lines.first))
        let id = try #require(row["discrepancy_id"] as? String, "\(open.text)")
        #expect(open.status == 3 && row["standing"] as? String == "open", "\(open.text)")
        let request = HTTPRequest(
            .delete, broker.address() + "/v2/orders",
            headers: [("APCA-API-KEY-ID", "key"), ("APCA-API-SECRET-KEY", "secret")])
        let canceled = try await HTTPPool(lanes: 1).exchange(request).result.get()
        try #require(canceled.status < 300, "\(canceled.status)")
        let over = try await program.run("reconcile", "now", "--json")
        let told = try fields(try #require(over.lines.first, "\(over.err)"))
        #expect(over.status == 0 && over.lines.count == 1, "\(over.text)")
        #expect(told["standing"] as? String == "resolved" && told["discrepancy_id"] as? String == id, "\(over.text)")
        #expect(try await program.run("discrepancies", "show", id).status == 0)
    }

    @Test func `are refused by words that cannot be meant`() async throws {
        try await program.prepared()
        let unknown = "01234567-89ab-8def-8123-000000000001"
        let words = ["--reason", "r", "--actor", "ann"]
        #expect(try await program.run(["discrepancies", "resolve", unknown] + words).status == 3)
        #expect(try await program.run("discrepancies", "show", unknown).status == 3)
        #expect(try await program.run("discrepancies", "resolve", unknown, "--actor", "ann").status == 2)
        #expect(try await program.run("discrepancies", "show", "nobody").status == 2)
        let kind = try await program.run("discrepancies", "list", "--kind", "missing_fil")
        #expect(kind.status == 2 && kind.err.contains("did you mean missing_fill?"), "\(kind.err)")
        var stranger = program
        stranger.environment["APCA_API_KEY_ID"] = ""
        let refused = try await stranger.run("reconcile", "now")
        #expect(refused.status == 2 && refused.err.contains("APCA_API_KEY_ID"), "\(refused.err)")
        stranger = program
        stranger.environment["TRADING_RECONCILE_MS"] = "often"
        let unreadable = try await stranger.run("run", "--roles", "ingest")
        #expect(unreadable.status == 2 && unreadable.err.contains("TRADING_RECONCILE_MS"), "\(unreadable.err)")
        // Accounts would be too old for decisions; and the books alone would cost more than there is.
        for (period, problem) in [("31000", "TRADING_RECONCILE_MS"), ("3000", "REQUESTS_PER_MINUTE")] {
            stranger.environment["TRADING_RECONCILE_MS"] = period
            let refused = try await stranger.run("run", "--roles", "ingest")
            #expect(refused.status == 2 && refused.err.contains(problem), "\(refused.err)")
        }
    }

    @Test func `say that something could not be read, and call that no agreement`() async throws {
        try await program.prepared()
        var blind = program
        blind.environment["APCA_API_BASE_URL"] = "http://127.0.0.1:9"
        let failed = try await blind.run("reconcile", "now")
        #expect(failed.status == 1 && failed.err.contains("open_orders"), "\(failed.text)\(failed.err)")
    }
}
