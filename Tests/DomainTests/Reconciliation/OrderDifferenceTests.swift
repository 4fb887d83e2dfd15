import Core
import Domain
import Testing

@Suite struct `What is told of an order and what the broker says` {
    @Test func `fit when they say the same`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(OrderTale("a").telling("new", "new", at: 1))
        tale.read("a", "new")
        #expect(tale.differences().isEmpty)
        tale.stream(
            OrderTale("a").filling("partial_fill", "partially_filled", at: 2, "x1", 40, 10, filled: 40)
                .filling("fill", "filled", at: 3, "x2", 60, 11, filled: 100))
        #expect(tale.differences().isEmpty)
        tale.read("a", "filled", filled: 100, average: Amount(units: 10_600_000_000))
        #expect(tale.differences().isEmpty)
    }

    @Test func `differ by a fill that the stream did not tell`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(OrderTale("a").filling("partial_fill", "partially_filled", at: 2, "x1", 40, filled: 40))
        tale.read("a", "partially_filled", filled: 70, average: 10)
        #expect(tale.differences() == ["missing_fill 30"])
        // It is filled: of that the missing fill says enough.
        tale.read("a", "filled", filled: 100, average: 10)
        #expect(tale.differences() == ["missing_fill 60"])
        // Told at last: nothing differs any more.
        tale.stream(OrderTale("a").filling("fill", "filled", at: 3, "x2", 60, 10, filled: 100))
        #expect(tale.differences().isEmpty)
    }

    @Test func `differ by a hole within the stream itself, without a question`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(OrderTale("a").filling("fill", "filled", at: 3, "x2", 60, filled: 100))
        #expect(tale.differences() == ["missing_fill 40"])
    }

    @Test func `differ by fills of which nobody told more than their sum`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(OrderTale("a").telling("canceled", "canceled", at: 3, filled: 40))
        #expect(tale.differences() == ["missing_fill 40"])
        // A word about a fill tells of it, also without an execution's id.
        tale.send("b")
        tale.stream(
            OrderTale("b").telling("partial_fill", "partially_filled", at: 2, filled: 40)
                .telling("canceled", "canceled", at: 3, filled: 40))
        #expect(tale.differences() == ["missing_fill 40"])
    }

    @Test func `differ by a fill that the broker does not count`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(OrderTale("a").filling("partial_fill", "partially_filled", at: 2, "x1", 40, filled: 40))
        tale.read("a", "partially_filled", filled: 25, average: 10)
        #expect(tale.differences() == ["extra_fill -15"])
    }

    @Test func `are not compared where a fill was taken back`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(
            OrderTale("a").filling("partial_fill", "partially_filled", at: 2, "x1", 40, filled: 40)
                .busting("x1", at: 3, "new", filled: 0))
        // His largest sum was named before.
        #expect(tale.differences().isEmpty)
        tale.read("a", "new", filled: 0)
        #expect(tale.differences().isEmpty)
    }

    @Test(arguments: [
        ("canceled", ["status_mismatch"]), ("expired", ["status_mismatch"]), ("rejected", ["status_mismatch"]),
        ("new", []), ("accepted", []), ("pending_cancel", []), ("done_for_day", []), ("suspended", []),
    ])
    func `differ in whether an order is over, not in how it works`(status: String, expected: [String]) {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(OrderTale("a").telling("new", "new", at: 1))
        tale.read("a", status)
        #expect(tale.differences() == expected)
    }

    @Test func `differ most when the broker works an order that we believe to be over`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(OrderTale("a").telling("canceled", "canceled", at: 1))
        tale.read("a", "new")
        #expect(tale.comparison().differences.map(\.severity) == [.critical])
        #expect(tale.differences() == ["status_mismatch"])
        // An answer that is older than what we were told says nothing.
        tale.stream(OrderTale("a").telling("canceled", "canceled", at: 2))
        #expect(tale.differences().isEmpty)
    }

    @Test func `are compared by the youngest answer, whichever came last`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.pass(20)
        tale.read("a", "canceled")
        tale.read("a", "new", secondsAgo: 10)
        #expect(tale.differences() == ["status_mismatch"])
    }

    @Test func `keep the quantity of an order that was canceled when it was partly filled`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(
            OrderTale("a").filling("partial_fill", "partially_filled", at: 2, "x1", 40, filled: 40)
                .telling("canceled", "canceled", at: 3, filled: 40))
        tale.read("a", "canceled", filled: 40, average: 10)
        #expect(tale.differences().isEmpty)
        tale.read("a", "canceled", filled: 55, average: 10)
        #expect(tale.differences() == ["missing_fill 15"])
    }

    @Test func `differ in what was asked for`() {
        var tale = ReconcileTale()
        tale.send("a", qty: 100, limit: 10)
        tale.read("a", "new", qty: 90, limit: 10)
        #expect(tale.differences() == ["qty_mismatch -10"])
        tale.read("a", "new", qty: 100, limit: 12)
        #expect(tale.differences() == ["price_mismatch 2"])
    }

    @Test func `differ in the price, beyond what rounding makes`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(OrderTale("a").filling("fill", "filled", at: 2, "x1", 100, 10, filled: 100))
        tale.read("a", "filled", filled: 100, average: Amount(units: 10_000_050_000))
        #expect(tale.differences().isEmpty)
        tale.read("a", "filled", filled: 100, average: Amount(units: 10_010_000_000))
        #expect(tale.differences() == ["price_mismatch 0.01"])
    }

    @Test func `follow an order to the one that takes its place, which goes the same way`() {
        var tale = ReconcileTale()
        tale.send("a", by: .lean)
        tale.stream(OrderTale("a").telling("replaced", "replaced", at: 2, replacedBy: "b"))
        tale.read("a", "replaced")
        tale.read("b", "new", qty: 60, replaces: "a")
        #expect(tale.differences().isEmpty)
        let next = tale.state.order(ReconcileTale.account, nil, BrokerOrderID(trusted: "b"))
        #expect(next?.route?.adapter == .lean && next?.isOurs == true)
    }

    @Test func `show an order that is not ours until it is over`() {
        var tale = ReconcileTale()
        tale.read("x", "new")
        #expect(tale.comparison().differences.map(\.severity) == [.info])
        #expect(tale.comparison().differences.map(\.expected) == ["no order of ours"])
        #expect(tale.differences() == ["unknown_broker_order"])
    }

    @Test func `of equal ids in two accounts are of two orders`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.send("a", account: AccountLabel(trusted: "live"))
        tale.stream(
            OrderTale("a").filling("fill", "filled", at: 2, "x1", 100, filled: 100),
            account: AccountLabel(trusted: "live"))
        tale.read("a", "new")
        #expect(tale.differences().isEmpty)
        // What other accounts do takes no room.
        #expect(tale.state.orderCount == 1)
    }

    @Test func `differ when the broker has no such order, unless it is over`() {
        var tale = ReconcileTale()
        tale.send("a")
        tale.send("b")
        tale.stream(OrderTale("b").telling("canceled", "canceled", at: 2))
        #expect(tale.differences(absent: ["a", "b"]) == ["missing_at_broker"])
        tale.read("a", "canceled")
        #expect(tale.differences(absent: ["a"]) == ["status_mismatch"])
    }

    @Test func `never change the way that the router recorded`() {
        var tale = ReconcileTale()
        tale.send("a", by: .alpaca, expected: .lean, reason: "lean_submit_order_timeout")
        for _ in 0..<10 { tale.read("a", "new") }
        let route = tale.state.order(ReconcileTale.account, nil, BrokerOrderID(trusted: "a"))?.route
        #expect(route?.adapter == .alpaca && route?.expected == .lean)
        #expect(route?.fallbackReason?.text == "lean_submit_order_timeout")
    }
}
