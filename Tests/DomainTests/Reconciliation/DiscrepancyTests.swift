import Core
import Domain
import Testing

@Suite struct `A difference` {
    private static let grace = Duration.seconds(10)

    private func believed(
        _ suspicions: inout Suspicions, _ tale: ReconcileTale, after seconds: Int = 60
    ) -> [DiscrepancyKind] {
        let now = ReconcileTale.time(tale.second + seconds)
        return suspicions.confirm(tale.comparison(), in: tale.state, at: now, grace: Self.grace).map(\.kind)
    }

    @Test func `is believed when two answers in a row show it`() {
        var (tale, suspicions) = (ReconcileTale(), Suspicions())
        tale.send("a")
        tale.read("a", "canceled")
        #expect(believed(&suspicions, tale).isEmpty)
        // Looking twice at one answer is not two answers.
        #expect(believed(&suspicions, tale).isEmpty)
        tale.read("a", "canceled")
        #expect(believed(&suspicions, tale) == [.statusMismatch])
    }

    @Test func `of an order that is over makes it be asked for once more`() {
        var (tale, suspicions) = (ReconcileTale(), Suspicions())
        let asking = OrdersToAsk(silence: .seconds(5))
        func asked() -> [String?] {
            asking.orders(
                of: ReconcileTale.account, in: tale.state, suspicions, isListWhole: true, found: [],
                at: ReconcileTale.time(tale.second + 60)
            ).map { $0.alpacaOrderID?.text }
        }
        tale.send("a")
        tale.stream(OrderTale("a").filling("fill", "filled", at: 3, "x2", 60, filled: 100))
        #expect(asked().isEmpty)
        tale.read("a", "filled", filled: 100, average: 10)
        #expect(believed(&suspicions, tale).isEmpty)
        #expect(asked() == ["a"])
        tale.read("a", "filled", filled: 100, average: 10)
        #expect(believed(&suspicions, tale) == [.missingFill])
        #expect(asked().isEmpty)
    }

    @Test func `begins anew when it shows another number, or is gone between`() {
        var (tale, suspicions) = (ReconcileTale(), Suspicions())
        tale.send("a")
        tale.read("a", "new", filled: 10)
        #expect(believed(&suspicions, tale).isEmpty)
        tale.read("a", "new", filled: 20)
        #expect(believed(&suspicions, tale).isEmpty)
        tale.stream(OrderTale("a").filling("partial_fill", "partially_filled", at: 2, "x1", 20, filled: 20))
        #expect(believed(&suspicions, tale).isEmpty)
        tale.read("a", "new", filled: 40)
        #expect(believed(&suspicions, tale).isEmpty)
        tale.read("a", "new", filled: 40)
        #expect(believed(&suspicions, tale) == [.missingFill])
    }

    @Test func `is not believed while what it is about is younger than the grace`() {
        var (tale, suspicions) = (ReconcileTale(), Suspicions())
        tale.send("a")
        tale.read("a", "canceled")
        _ = believed(&suspicions, tale, after: 0)
        tale.read("a", "canceled")
        #expect(believed(&suspicions, tale, after: 0).isEmpty)
        tale.read("a", "canceled")
        #expect(believed(&suspicions, tale, after: 10) == [.statusMismatch])
    }
}

@Suite struct `A discrepancy` {
    private let id = EventID(hashed: 1, 2)

    private func found(_ tale: ReconcileTale, _ id: EventID) throws -> DiscrepancyFound {
        let difference = try #require(tale.comparison().differences.first)
        return DiscrepancyFound(
            discrepancyID: id, kind: difference.kind, severity: difference.severity, order: difference.order,
            expected: try Prose(difference.expected), observed: try Prose(difference.observed),
            difference: difference.amount, detectedBy: Reconciliation.detector)
    }

    private func findings(_ tale: ReconcileTale, _ facts: AccountSnapshotObserved? = nil) -> Findings {
        let comparison = tale.comparison(facts)
        return tale.state.findings(comparison, believed: comparison.differences)
    }

    private func differing() -> ReconcileTale {
        var tale = ReconcileTale()
        tale.send("a")
        tale.read("a", "new", filled: 10, average: 10)
        return tale
    }

    @Test func `is opened once, said again when its numbers change, and resolved when it shows no more`() throws {
        var tale = differing()
        #expect(findings(tale).opened.map(\.kind) == [.missingFill])
        tale.tell(.orderEvents(.discrepancyFound(try found(tale, id))))
        #expect(findings(tale).isEmpty)
        tale.read("a", "new", filled: 25, average: 10)
        #expect(findings(tale).changed.map(\.id) == [id] && findings(tale).opened.isEmpty)
        tale.stream(OrderTale("a").filling("partial_fill", "partially_filled", at: 2, "x1", 25, filled: 25))
        #expect(findings(tale).resolved.map(\.id) == [id])
        tale.tell(
            .orderEvents(
                .discrepancyResolved(
                    DiscrepancyResolved(
                        discrepancyID: id, kind: .missingFill,
                        order: OrderKey(alpacaOrderID: BrokerOrderID(trusted: "a")),
                        resolution: .selfResolved))))
        #expect(findings(tale).isEmpty && tale.state.open.count == 0)
        // It may come back, as another one: the last of its kind is remembered.
        tale.read("a", "new", filled: 30, average: 10)
        #expect(findings(tale).opened.map(\.kind) == [.missingFill])
        #expect(findings(tale).opened.map { tale.state.lastEnded($0.key) } == [id])
    }

    @Test func `that was explained is not opened again while it shows the same`() throws {
        var tale = differing()
        tale.tell(.orderEvents(.discrepancyFound(try found(tale, id))))
        tale.tell(
            .orderEvents(
                .discrepancyResolved(
                    DiscrepancyResolved(
                        discrepancyID: id, kind: .missingFill,
                        order: OrderKey(alpacaOrderID: BrokerOrderID(trusted: "a")),
                        resolution: .explained, actor: ActorName(trusted: "ann"), reason: try Prose("a test")))))
        #expect(findings(tale).isEmpty)
        tale.read("a", "new", filled: 30, average: 10)
        #expect(findings(tale).opened.map(\.kind) == [.missingFill])
    }

    @Test func `of a position that was explained is what there is from then on`() throws {
        var tale = ReconcileTale()
        tale.account(cash: 1_000, ["AAPL": 5])
        let seen = ReconcileTale.facts(at: ReconcileTale.time(tale.second + 20), cash: 1_000, ["AAPL": 7])
        let difference = try #require(findings(tale, seen).opened.first)
        tale.tell(
            .orderEvents(
                .discrepancyFound(
                    DiscrepancyFound(
                        discrepancyID: id, kind: difference.kind, severity: difference.severity,
                        order: difference.order,
                        expected: try Prose(difference.expected), observed: try Prose(difference.observed),
                        difference: difference.amount, detectedBy: Reconciliation.detector))))
        #expect(findings(tale, seen).isEmpty)
        tale.tell(
            .orderEvents(
                .discrepancyResolved(
                    DiscrepancyResolved(
                        discrepancyID: id, kind: .positionMismatch, order: OrderKey(), resolution: .explained,
                        actor: ActorName(trusted: "ann"), reason: try Prose("a transfer")))))
        #expect(findings(tale, seen).isEmpty)
        let back = ReconcileTale.facts(at: ReconcileTale.time(tale.second + 20), cash: 1_000, ["AAPL": 5])
        #expect(findings(tale, back).opened.map(\.amount) == [-2])
    }

    @Test func `that nobody could see in this round is not resolved`() throws {
        var tale = ReconcileTale()
        tale.account(cash: 1_000, ["AAPL": 5])
        let seen = ReconcileTale.facts(at: ReconcileTale.time(tale.second + 20), cash: 1_000, ["AAPL": 7])
        let difference = try #require(findings(tale, seen).opened.first)
        tale.tell(
            .orderEvents(
                .discrepancyFound(
                    DiscrepancyFound(
                        discrepancyID: id, kind: difference.kind, severity: difference.severity,
                        order: difference.order,
                        expected: try Prose(difference.expected), observed: try Prose(difference.observed),
                        difference: difference.amount, detectedBy: Reconciliation.detector))))
        #expect(findings(tale).isEmpty)
    }
}

@Suite struct `The reconciler's state` {
    @Test func `is the same from its bytes, and when every event is folded twice`() throws {
        var tale = ReconcileTale()
        tale.account(cash: 10_000, ["AAPL": 5])
        tale.send("a", by: .alpaca, expected: .lean, reason: "lean_submit_order_timeout")
        tale.send("b", side: .sell)
        tale.stream(OrderTale("a").filling("partial_fill", "partially_filled", at: 60, "x1", 40, filled: 40))
        tale.read("a", "partially_filled", filled: 70, average: 10)
        tale.stream(OrderTale("b").telling("canceled", "canceled", at: 61))
        tale.read("x", "new")
        tale.account(cash: 9_600, ["AAPL": 45])
        let read = try ReconcileState(snapshot: tale.state.snapshot)
        #expect(read == tale.state)
        #expect(read.snapshot == tale.state.snapshot)
        var twice = ReconcileState(of: ReconcileTale.account)
        for event in tale.events {
            twice.fold(event)
            twice.fold(event)
        }
        #expect(twice == tale.state)
    }

    @Test func `forgets what is over, keeps what does not fit, and stays bounded`() {
        var state = ReconcileState(of: ReconcileTale.account, FeedBook.Memory(time: .seconds(86_400), orders: 50))
        var tale = ReconcileTale()
        tale.send("kept")
        tale.read("kept", "canceled")
        for number in 0..<300 {
            tale.send("o\(number)")
            tale.stream(OrderTale("o\(number)").telling("canceled", "canceled", at: 1))
        }
        for event in tale.events { state.fold(event) }
        #expect(state.orderCount <= 52)
        #expect(state.order(ReconcileTale.account, nil, BrokerOrderID(trusted: "kept")) != nil)
        #expect(state.order(ReconcileTale.account, nil, BrokerOrderID(trusted: "o0")) == nil)
    }
}
