import Core
import Domain
import Testing

@Suite struct `What the account holds` {
    private func fill(_ id: String, _ qty: Amount, _ price: Amount, at second: Int) -> OrderTale {
        OrderTale(id).filling("fill", "filled", at: second, "x-\(id)", qty, price, qty: qty, filled: qty)
    }

    @Test func `is what it held at first and our fills`() {
        var tale = ReconcileTale()
        tale.account(cash: 10_000, ["AAPL": 5, "MSFT": 3])
        tale.send("a", qty: 10)
        tale.stream(fill("a", 10, 100, at: tale.second + 20))
        let later = ReconcileTale.time(tale.second + 40)
        #expect(tale.differences(ReconcileTale.facts(at: later, cash: 9_000, ["AAPL": 15, "MSFT": 3])).isEmpty)
        #expect(
            tale.differences(ReconcileTale.facts(at: later, cash: 8_990, ["AAPL": 17, "TSLA": 1])) == [
                "position_mismatch 2", "position_mismatch -3", "position_mismatch 1", "cash_mismatch -10",
            ])
    }

    @Test func `holds a fill that was told late no second time`() {
        var tale = ReconcileTale()
        let first = tale.second
        tale.send("a", qty: 10)
        tale.pass(60)
        // The broker had filled it when the account was read first.
        tale.account(cash: 9_000, ["AAPL": 10])
        tale.stream(fill("a", 10, 100, at: first + 5))
        let later = ReconcileTale.time(tale.second + 40)
        #expect(tale.differences(ReconcileTale.facts(at: later, cash: 9_000, ["AAPL": 10])).isEmpty)
    }

    @Test func `counts a fill that only the broker tells, which is a difference of its own`() {
        var tale = ReconcileTale()
        tale.account(cash: 10_000)
        tale.pass(5)
        tale.send("a", qty: 10)
        tale.read("a", "filled", filled: 10, average: 100, qty: 10)
        let later = ReconcileTale.time(tale.second + 40)
        #expect(tale.differences(ReconcileTale.facts(at: later, cash: 9_000, ["AAPL": 10])) == ["missing_fill 10"])
    }

    @Test func `counts what orders from outside did`() {
        var tale = ReconcileTale()
        tale.account(cash: 10_000)
        tale.stream(fill("x", 10, 100, at: tale.second + 20))
        let later = ReconcileTale.time(tale.second + 40)
        #expect(
            tale.differences(ReconcileTale.facts(at: later, cash: 9_000, ["AAPL": 10])) == ["unknown_broker_order"])
    }

    @Test func `is not asked of while something moves`() {
        var tale = ReconcileTale()
        tale.account(cash: 10_000)
        tale.send("a", qty: 10)
        tale.pass(20)
        let moment = tale.second + 1
        tale.stream(fill("a", 10, 100, at: moment))
        let facts = ReconcileTale.facts(at: ReconcileTale.time(moment + 1), cash: 10_000)
        #expect(tale.differences(facts).isEmpty)
        #expect(tale.differences(ReconcileTale.facts(at: ReconcileTale.time(moment + 9), cash: 10_000)).count == 2)
    }

    @Test func `is the same thing by both spellings of a pair`() {
        var tale = ReconcileTale()
        tale.account(cash: 10_000)
        tale.send("a", qty: 2, symbol: "BTC/USD")
        tale.stream(fill("a", 2, 100, at: tale.second + 20), symbol: "BTC/USD")
        let later = ReconcileTale.time(tale.second + 40)
        #expect(tale.differences(ReconcileTale.facts(at: later, cash: 9_800, ["BTCUSD": 2])).isEmpty)
    }

    @Test func `falls by what was sold`() {
        var tale = ReconcileTale()
        tale.account(cash: 1_000, ["AAPL": 10])
        tale.send("a", qty: 4, side: .sell)
        tale.stream(fill("a", 4, 100, at: tale.second + 20), side: .sell)
        let later = ReconcileTale.time(tale.second + 40)
        #expect(tale.differences(ReconcileTale.facts(at: later, cash: 1_400, ["AAPL": 6])).isEmpty)
    }
}
