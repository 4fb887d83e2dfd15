import Core
import Domain
import Testing

@Suite struct `What is believed` {
    private static let grace = Duration.seconds(10)

    private func id(_ name: String) -> BrokerOrderID { BrokerOrderID(trusted: name) }

    @Test func `of many orders that vanish together is all of it, though few are asked for in a round`() {
        var (tale, suspicions) = (ReconcileTale(), Suspicions())
        var asking = OrdersToAsk(silence: .seconds(3_600))
        let names = (0..<40).map { "o\($0)" }
        for name in names { tale.send(name) }
        var believed: Set<BrokerOrderID> = []
        for round in 0..<12 {
            tale.pass(15)
            let wanted = asking.orders(
                of: ReconcileTale.account, in: tale.state, suspicions, isListWhole: true, found: [], at: tale.now)
            let asked = wanted.filter { $0.alpacaOrderID.map { !believed.contains($0) } ?? false }.prefix(10)
            var view = tale.view
            view.absent = Set(asked.compactMap(\.alpacaOrderID))
            let moments = Dictionary(uniqueKeysWithValues: asked.map { ($0.number, tale.now) })
            asking.note(moments, view, watching: tale.state)
            let comparison = BookComparison(of: view, with: tale.state)
            let confirmed = suspicions.confirm(comparison, in: tale.state, at: tale.now, grace: Self.grace)
            believed.formUnion(confirmed.compactMap(\.order.alpacaOrderID))
            #expect(confirmed.allSatisfy { $0.kind == .missingAtBroker }, "round \(round)")
        }
        #expect(believed == Set(names.map(id)))
    }

    @Test func `of an absence is nothing when the order was answered for in between`() {
        var (tale, suspicions) = (ReconcileTale(), Suspicions())
        tale.send("a")
        func look(absent: Bool, found: Bool) -> [BookDifference] {
            tale.pass(60)
            var view = tale.view
            if absent { view.absent = [id("a")] }
            if found { view.found = [id("a")] }
            let comparison = BookComparison(of: view, with: tale.state)
            return suspicions.confirm(comparison, in: tale.state, at: tale.now, grace: Self.grace)
        }
        #expect(look(absent: true, found: false).isEmpty)
        #expect(look(absent: false, found: true).isEmpty)
        #expect(look(absent: true, found: false).isEmpty)
        // Not asked for is no answer.
        #expect(look(absent: false, found: false).isEmpty)
        #expect(look(absent: true, found: false).map(\.kind) == [.missingAtBroker])
        // A runner knows nothing of it, and the broker lists it.
        #expect(look(absent: true, found: true).isEmpty)
    }

    @Test func `of what rests on the stream waits until the stream was read`() {
        var (tale, suspicions) = (ReconcileTale(), Suspicions())
        tale.send("a")
        func look(caughtUp seconds: Int?) -> [DiscrepancyKind] {
            tale.pass(20)
            tale.read("a", "canceled")
            return suspicions.confirm(
                tale.comparison(), in: tale.state, at: tale.now, grace: Self.grace,
                caughtUpAt: seconds.map { ReconcileTale.time(tale.second - $0) } ?? tale.now
            ).map(\.kind)
        }
        #expect(look(caughtUp: nil).isEmpty)
        #expect(look(caughtUp: nil).isEmpty)
        #expect(look(caughtUp: 9).isEmpty)
        #expect(look(caughtUp: 10) == [.statusMismatch])
    }

    @Test func `of a position is the gap, however much is traded`() {
        var (tale, suspicions) = (ReconcileTale(), Suspicions())
        tale.account(cash: 100_000, ["AAPL": 7])
        var believed: [String] = []
        for number: Int64 in 0..<4 {
            let order = "o\(number)"
            tale.send(order, qty: 10)
            tale.stream(
                OrderTale(order).filling(
                    "fill", "filled", at: tale.second + 1, "x\(number)", 10, 100, qty: 10, filled: 10))
            tale.pass(6)
            // Three of it went away by hand.
            let (held, cash) = (Amount(7 + 10 * (number + 1) - 3), Amount(100_000 - 1_000 * (number + 1)))
            let facts = ReconcileTale.facts(at: tale.now, cash: cash, ["AAPL": held])
            let comparison = tale.comparison(facts)
            believed += suspicions.confirm(comparison, in: tale.state, at: tale.now, grace: Self.grace).map {
                "\($0.kind.rawValue) \($0.amount ?? .zero)"
            }
        }
        #expect(!believed.isEmpty && Set(believed) == ["position_mismatch -3"])
    }
}

@Suite struct `What is open` {
    private let opened = EventID(hashed: 9, 9)

    private func open(_ tale: inout ReconcileTale) throws {
        let difference = try #require(tale.comparison().differences.first)
        tale.tell(
            .orderEvents(
                .discrepancyFound(
                    DiscrepancyFound(
                        discrepancyID: opened, kind: difference.kind, severity: difference.severity,
                        order: difference.order, expected: try Prose(difference.expected),
                        observed: try Prose(difference.observed), difference: difference.amount,
                        detectedBy: Reconciliation.detector))))
    }

    private func resolved(_ tale: ReconcileTale, _ view: BrokerView? = nil) -> [DiscrepancyKind] {
        tale.state.findings(BookComparison(of: view ?? tale.view, with: tale.state), believed: []).resolved.map(\.kind)
    }

    private func wanted(_ tale: ReconcileTale) -> [String?] {
        OrdersToAsk(silence: .seconds(3_600)).orders(
            of: ReconcileTale.account, in: tale.state, Suspicions(), isListWhole: true, found: [], at: tale.now
        ).map(\.alpacaOrderID?.text)
    }

    @Test func `of an order that works though it is over ends by an answer, and not by a word that says nothing new`()
        throws
    {
        var tale = ReconcileTale()
        tale.send("a")
        tale.stream(OrderTale("a").telling("canceled", "canceled", at: 1))
        tale.read("a", "new")
        try open(&tale)
        #expect(resolved(tale).isEmpty)
        tale.stream(OrderTale("a").telling("canceled", "canceled", at: 2))
        #expect(resolved(tale).isEmpty)
        #expect(wanted(tale) == ["a"])
        tale.read("a", "canceled")
        #expect(resolved(tale) == [.statusMismatch])
        #expect(wanted(tale).isEmpty)
    }

    @Test func `of an order from outside ends when the broker said twice that he has none`() throws {
        var tale = ReconcileTale()
        var asking = OrdersToAsk(silence: .seconds(3_600))
        tale.read("x", "new")
        try open(&tale)
        for round in 0..<2 {
            #expect(wanted(tale) == ["x"])
            var view = tale.view
            view.absent = [BrokerOrderID(trusted: "x")]
            asking.note([:], view, watching: tale.state)
            view.gone = asking.gone(in: tale.state)
            #expect(resolved(tale, view) == (round == 0 ? [] : [.unknownBrokerOrder]))
        }
        tale.tell(
            .orderEvents(
                .discrepancyResolved(
                    DiscrepancyResolved(
                        discrepancyID: opened, kind: .unknownBrokerOrder,
                        order: OrderKey(alpacaOrderID: BrokerOrderID(trusted: "x")), resolution: .selfResolved))))
        #expect(wanted(tale).isEmpty && tale.differences().isEmpty)
        // It is there again.
        tale.read("x", "new")
        #expect(tale.differences() == ["unknown_broker_order"])
    }

    @Test func `and said to be absent is asked for only after silence`() throws {
        var tale = ReconcileTale()
        tale.send("a")
        #expect(wanted(tale) == ["a"])
        var view = tale.view
        view.absent = [BrokerOrderID(trusted: "a")]
        let difference = try #require(BookComparison(of: view, with: tale.state).differences.first)
        tale.tell(
            .orderEvents(
                .discrepancyFound(
                    DiscrepancyFound(
                        discrepancyID: opened, kind: difference.kind, severity: difference.severity,
                        order: difference.order, expected: try Prose(difference.expected),
                        observed: try Prose(difference.observed), detectedBy: Reconciliation.detector))))
        #expect(wanted(tale).isEmpty)
        tale.pass(3_700)
        #expect(wanted(tale) == ["a"])
    }
}

@Suite struct `A reading of the account` {
    private func fill(_ id: String, at second: Int) -> OrderTale {
        OrderTale(id).filling("fill", "filled", at: second, "x-\(id)", 10, 100, qty: 10, filled: 10)
    }

    @Test func `that took longer than things settle is neither a beginning nor compared`() {
        var tale = ReconcileTale()
        // Asked for before the fill and answered behind it, which nobody had told by then.
        let asked = tale.now
        let filled = tale.second + 4
        tale.send("a", qty: 10)
        tale.pass(3)
        tale.tell(
            .account(.accountSnapshotObserved(ReconcileTale.facts(at: asked, cash: 9_000, ["AAPL": 10]))), nil)
        tale.stream(fill("a", at: filled))
        tale.pass(20)
        let facts = ReconcileTale.facts(at: tale.now, cash: 9_000, ["AAPL": 10])
        #expect(tale.differences(facts).isEmpty)
        tale.account(cash: 9_000, ["AAPL": 10])
        #expect(tale.differences(ReconcileTale.facts(at: ReconcileTale.time(tale.second + 20), cash: 8_000)).count == 2)
        var slow = BrokerView(of: ReconcileTale.account, at: ReconcileTale.time(tale.second + 20))
        slow.facts = ReconcileTale.facts(at: slow.at, cash: 8_000)
        slow.readingTook = .seconds(3)
        #expect(BookComparison(of: slow, with: tale.state).differences.isEmpty)
    }

    @Test func `is compared though the broker's clock goes ahead`() {
        var tale = ReconcileTale()
        tale.account(cash: 10_000)
        tale.pass(10)
        tale.send("a", qty: 10)
        // A day ahead of everybody else.
        tale.stream(fill("a", at: tale.second + 86_400))
        let facts = ReconcileTale.facts(at: ReconcileTale.time(tale.second + 20), cash: 9_000, ["AAPL": 8])
        #expect(tale.differences(facts) == ["position_mismatch -2"])
    }
}
