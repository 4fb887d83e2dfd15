import Core
import Domain
import TestSupport
import Testing

@testable import NaiveReadModels

/// Figures worked out by hand from docs/read-models.md.
@Suite struct `Naive read models` {
    private func only(_ tale: OrderTale, _ table: String) throws -> [String: String?] {
        let rows = tale.tale.naive.rows(of: table)
        #expect(rows.count == 1, "\(table)")
        return try #require(rows.first)
    }

    @Test func `measure what an order cost against the quote its decision saw`() throws {
        var tale = OrderTale()
        try tale.decide(bid: 99, ask: 101)
        try tale.update(
            client: OrderTale.hash, broker: "b1", type: "fill", execution: "e1", qty: 3, price: 101, side: .buy)
        try tale.update(client: OrderTale.hash, type: "fill", execution: "e2", qty: 3, price: 102)
        try tale.update(client: OrderTale.hash, type: "fill", status: "filled", execution: "e2", qty: 3, price: 102)
        let order = try only(tale, "executions")
        #expect(order["filled_qty"] == "6")
        #expect(order["avg_fill_price"] == "101.5")
        #expect(order["status"] == "filled")
        #expect(order["executions_notional_e9"] == "609000000000")
        #expect(order["decision_rank"] == "2")
        let cost = try only(tale, "execution_tca_metrics")
        #expect(cost["slippage_bps"] == "150")
        #expect(cost["shortfall_notional"] == "9")
        #expect(cost["shortfall_bps"] == "90")
        #expect(try only(tale, "trade_decisions")["executed_at"] == "2026-02-02 02:40:02+00")
    }

    @Test func `link what came under the broker's id alone, also later`() throws {
        var tale = OrderTale()
        try tale.update(broker: "b1", type: "fill", execution: "e1", qty: 2, price: 5)
        #expect(tale.tale.naive.rows(of: "executions").isEmpty)
        #expect(try only(tale, "execution_fills")["client_order_id"] == .some(nil))
        try tale.update(client: "c1", broker: "b1", status: "new")
        #expect(try only(tale, "executions")["filled_qty"] == "2")
        #expect(try only(tale, "executions")["status"] == "filled")
        #expect(try only(tale, "execution_broker_orders")["execution_ids"] == "e1")
        #expect(try only(tale, "execution_fills")["client_order_ids"] == "c1")
    }

    @Test func `take out what is busted and put in what is corrected`() throws {
        var tale = OrderTale()
        try tale.update(client: "c1", type: "fill", execution: "e1", qty: 2, price: 5)
        try tale.update(client: "c1", type: "fill", execution: "e2", qty: 2, price: 5)
        try tale.update(client: "c1", type: "trade_correct", execution: "e1", qty: 1, price: 4)
        try tale.update(client: "c1", type: "trade_bust", execution: "e2")
        #expect(try only(tale, "executions")["filled_qty"] == "1")
        #expect(try only(tale, "executions")["avg_fill_price"] == "4")
        #expect(try only(tale, "executions")["execution_count"] == "2")
        try tale.update(client: "c1", type: "trade_bust", execution: "e1")
        #expect(try only(tale, "executions")["avg_fill_price"] == .some(nil))
    }

    @Test func `never mix accounts, and leave foreign orders out`() throws {
        var tale = OrderTale()
        try tale.update(client: "c1", type: "fill", execution: "e1", qty: 2, price: 5)
        tale.account = "live"
        try tale.update(client: "c1", type: "fill", execution: "e1", qty: 3, price: 5)
        try tale.update(client: "c2", status: "new", classification: .foreign)
        let orders = tale.tale.naive.rows(of: "executions")
        #expect(Set(orders.map { $0["filled_qty"] }) == ["2", "3"])
        #expect(tale.tale.naive.rows(of: "execution_order_events").count == 3)
    }

    @Test(arguments: [(1, "new"), (2, "filled"), (3, "filled")]) func `never let a status fall`(
        count: Int, status: String
    ) throws {
        var tale = OrderTale()
        for word in ["new", "fill", "canceled"].prefix(count) { try tale.update(client: "c1", type: word) }
        #expect(try only(tale, "executions")["status"] == .some(status))
    }

    @Test func `divide by words as they divide by single bits, half to even`() {
        #expect(Exact(5).divided(by: Exact(2)) == Exact(2))
        #expect(Exact(-7).divided(by: Exact(2)) == Exact(-4))
        #expect((-Exact(7)).divided(by: Exact(-4)) == Exact(2))
        var random = SplitMix64(seed: Storm.seed)
        for _ in 0..<300 {
            let left = Exact(Int128(truncatingIfNeeded: random.next()) << Int128(random.next() % 60))
            let right = Exact(Int128(random.next() >> (random.next() % 64)) + 1)
            #expect(left.divided(by: right) == left.divided(by: right, bitByBit: true))
            // What was multiplied comes out again, also beyond 128 bits.
            let wide = left * right * right
            #expect(wide.divided(by: right * right) == left)
        }
    }

    @Test func `write times as Postgres does`() throws {
        var tale = OrderTale()
        for nanoseconds in [0, -1, 1_709_209_296_789_123_456, -9_223_372_036_854_775_808, 951_782_400_100_000_000] {
            var envelope = try tale.envelope()
            envelope.eventTime = Timestamp(nanoseconds: Int64(nanoseconds))
            tale.tale.tell(
                Event(
                    envelope,
                    .control(
                        .killSwitchReleased(
                            KillSwitchReleased(
                                order: ControlOrder(
                                    scope: .global, actor: try ActorName("ada"), reason: try Prose("drill")))))))
        }
        #expect(
            tale.tale.naive.rows(of: "control_history").map { $0["event_ts"] } == [
                "1970-01-01 00:00:00+00", "1969-12-31 23:59:59.999999+00", "2024-02-29 12:21:36.789123+00",
                "1677-09-21 00:12:43.145224+00", "2000-02-29 00:00:00.1+00",
            ])
    }
}
