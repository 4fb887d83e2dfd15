import Core
import Domain
import TestSupport
import Testing

@testable import Projections

@Suite struct `An order in executions` {
    @Test func `is prepared, unknown, accepted and filled in turn, and its status never regresses`() throws {
        var script = OrderScript()
        var rig = FoldRig<Executions>([script.prepared()])
        #expect(rig.order(script)?.status == .prepared)
        #expect(rig.order(script)?.linked == nil)
        rig.fold([script.unknown()])
        #expect(rig.order(script)?.status == .unknown)
        rig.fold([script.prepared(2, .alpaca)])
        #expect(rig.order(script)?.status == .prepared, "the next attempt is not the unknown one")
        rig.fold([script.accepted(2, .alpaca), script.unknown()])
        #expect(rig.order(script)?.status == .accepted)
    }

    @Test func `keeps its route evidence through later reads: W1`() throws {
        var script = OrderScript()
        let sent = [
            script.prepared(), script.fellBack(), script.prepared(2, .alpaca),
            script.accepted(2, .alpaca, reason: "lean_submit_order_timeout"),
        ]
        let rig = FoldRig<Executions>(sent + [script.snapshot("new"), script.snapshot("filled", filled: 10)])
        let order = try #require(rig.order(script))
        #expect(order.route.expected?.adapter == .lean)
        #expect(order.route.taking?.adapter == .alpaca)
        #expect(order.route.taking?.route == .leanToAlpaca)
        #expect(order.route.taking?.correlation.text == "call-2")
        #expect(order.route.taking?.audit?.description == #"{"a":1}"#)
        #expect(order.route.fallbackReason?.text == "lean_submit_order_timeout")
        #expect(order.route.fallbackCount == 1)
        #expect(order.facts.lastReconcileAt != nil)
    }

    @Test func `is not touched by another order's events: W2`() throws {
        var (first, second) = (OrderScript(1), OrderScript(2))
        second.alpaca = BrokerOrderID(trusted: "broker-2")
        let alone = FoldRig<Executions>([first.prepared(), first.update("new")]).order(first)
        first = OrderScript(1)
        let rig = FoldRig<Executions>([
            first.prepared(), second.prepared(), first.update("new"), second.fill("e", 10, at: 5, kind: "fill"),
        ])
        #expect(rig.order(first) == alone)
        #expect(rig.order(second)?.status == .filled)
    }

    @Test func `takes what comes after the forwarder's numbers restarted: W3`() throws {
        var script = OrderScript()
        let high = script.update("new") { $0.feedSeq = 500 }
        let low = script.update("fill") { $0.feedSeq = 3 }
        let order = FoldRig<Executions>([high, low]).order(script)
        #expect(order?.status == .filled)
        #expect(order?.facts.feedMark?.seq == 3)
    }

    @Test func `stays filled whatever comes later: W4`() throws {
        var script = OrderScript()
        let filled = script.update("fill") { $0.filledQty = 10 }
        let late = script.update("pending_cancel") { $0.filledQty = 0 }
        let order = FoldRig<Executions>([filled, late]).order(script)
        #expect(order?.status == .filled)
        #expect(order?.filledQty == 10)
    }

    @Test func `works on after a cancel that was refused, whatever is read first`() throws {
        var script = OrderScript()
        let events = [
            script.prepared(), script.accepted(1, .lean), script.update("new"), script.update("pending_cancel"),
            script.update("order_cancel_rejected") { $0.status = BrokerWord(trusted: "new") },
        ]
        for order in [events, events.reversed()] {
            #expect(FoldRig<Executions>(order).order(script)?.status == .new)
        }
    }

    @Test func `is where the broker says, not where a reply to a submit said`() throws {
        var script = OrderScript()
        let events = [script.update("pending_new"), script.prepared(), script.accepted(1, .lean)]
        let order = FoldRig<Executions>(events).order(script)
        #expect(order?.status == .pendingNew)
        #expect(order?.facts.standing?.isReply == false)
    }

    @Test func `counts one execution once, under any number and on any topic: W5`() throws {
        var script = OrderScript()
        let events = [
            script.fill("e1", 4, at: 10), script.fill("e1", 4, at: 10), script.fill("e1", 4, at: 10, brokerOnly: true),
            script.fill("e2", 6, at: 11),
        ]
        let order = FoldRig<Executions>(events).order(script)
        #expect(order?.filledQty == 10)
        #expect(order?.ledger.count == 2)
        #expect(order?.averagePrice == Amount(units: 10_600_000_000))
    }

    @Test func `has a ledger of its slices: W6`() throws {
        var script = OrderScript()
        let rig = FoldRig<Executions>([script.fill("e1", 4, at: 10)])
        let fill = try #require(rig.execution("e1", of: script))
        #expect(fill.filled?.qty == 4 && fill.filled?.price == 10 && fill.filled?.position == 4)
        #expect(fill.orders.ids == [script.client.text])
    }

    @Test func `refuses a fill that no sum can hold, before anything is changed: W7`() throws {
        var script = OrderScript()
        var rig = FoldRig<Executions>([script.prepared()])
        let before = rig.rows
        rig.fold([script.fill("e1", Amount(2_000_000_000_000), at: 1)])
        #expect(rig.refusals.map(\.reason) == [.unstorable])
        #expect(rig.refusals.map(\.path) == ["$.payload.fill_qty"])
        #expect(rig.rows == before)
        rig.fold([script.fill("e2", 1, at: 1)])
        #expect(rig.order(script)?.filledQty == 1)
    }

    @Test func `belongs to its account, whatever ids another account uses: W9`() throws {
        var (paper, live) = (OrderScript(1), OrderScript(1))
        live.account = AccountLabel(trusted: "live")
        let rig = FoldRig<Executions>([
            paper.prepared(), live.prepared(), live.fill("e1", 10, at: 5, kind: "fill"),
            paper.fill("e1", 3, at: 7, brokerOnly: true), paper.accepted(),
        ])
        #expect(rig.order(paper)?.filledQty == 3)
        #expect(rig.order(live)?.filledQty == 10)
    }

    @Test func `takes over a fill that came before it, by any name: W10`() throws {
        var script = OrderScript()
        let early = [script.fill("e1", 4, at: 10, brokerOnly: true), script.fill("e2", 6, at: 11, brokerOnly: true)]
        var rig = FoldRig<Executions>(early)
        #expect(rig.order(script) == nil)
        rig.fold([script.prepared(), script.accepted()])
        let order = try #require(rig.order(script))
        #expect(order.filledQty == 10)
        #expect(order.ledger.count == 2)
        #expect(order.decisionID == RowNames.decision(script.hash, script.symbol, of: script.account))
        #expect(rig.execution("e1", of: script)?.orders.ids == [script.client.text])
    }

    @Test func `is followed to the order that replaces it: W12`() throws {
        var old = OrderScript()
        var new = old
        new.client = ClientOrderID(trusted: "\(old.hash)-r1")
        new.alpaca = BrokerOrderID(trusted: "broker-2")
        let replaced = old.update("replaced") { $0.replacedBy = BrokerOrderID(trusted: "broker-2") }
        new.seconds = old.seconds
        let rig = FoldRig<Executions>([old.prepared(), old.accepted(), replaced, new.update("new")])
        #expect(rig.order(old)?.status == .replaced)
        #expect(rig.order(old)?.facts.replacedBy?.text == "broker-2")
        #expect(rig.order(new)?.facts.replaces?.text == "broker-1")
        #expect(rig.order(new)?.decision?.hash == old.hash)
    }

    @Test func `keeps its fills when it is canceled, and takes late ones`() throws {
        var script = OrderScript()
        var rig = FoldRig<Executions>([script.fill("e1", 4, at: 10), script.update("canceled")])
        #expect(rig.order(script)?.status == .canceled)
        #expect(rig.order(script)?.filledQty == 4)
        rig.fold([script.fill("e2", 1, at: 10)])
        #expect(rig.order(script)?.status == .canceled)
        #expect(rig.order(script)?.filledQty == 5)
        rig.fold([script.fill("e3", 5, at: 10, kind: "fill")])
        #expect(rig.order(script)?.status == .filled)
    }

    @Test func `is less what a bust or a correction names, even when that comes first`() throws {
        var script = OrderScript()
        let bust = script.update("trade_bust") { $0.executionID = ExecutionID(trusted: "e1") }
        let correction = script.fill("e2", 5, at: 9, kind: "trade_correct")
        let rig = FoldRig<Executions>([
            bust, correction, script.fill("e1", 4, at: 10), script.fill("e2", 6, at: 11), script.fill("e3", 1, at: 8),
        ])
        #expect(rig.order(script)?.filledQty == 6)
        #expect(rig.order(script)?.ledger.count == 3)
        #expect(rig.order(script)?.averagePrice == Amount(units: 8_833_333_333))
    }

    @Test func `has the highest quantity reported while no execution is known`() throws {
        var script = OrderScript()
        var rig = FoldRig<Executions>([script.snapshot("partially_filled", filled: 6), script.update("new")])
        #expect(rig.order(script)?.filledQty == 6 && rig.order(script)?.averagePrice == 7)
        rig.fold([script.fill("e1", 2, at: 10)])
        #expect(rig.order(script)?.filledQty == 2 && rig.order(script)?.facts.reported?.qty == 6)
    }

    @Test func `costs what it paid above the mid its decision saw, whenever that is read`() throws {
        var script = OrderScript()
        let decided = script.decided()
        let life = [script.prepared(), script.accepted(), script.fill("e1", 4, at: 102)]
        for events in [[decided] + life, life + [decided]] {
            let cost = try #require(FoldRig<Executions>(events).cost(script))
            #expect(cost.arrivalPrice == 101)
            #expect(cost.slippage == Amount(units: 99_009_900_990))
            #expect(cost.shortfall == 4)
            #expect(cost.shortfallRate == Amount(units: 39_603_960_396))
        }
    }

    @Test func `is not made of what belongs to others`() throws {
        var script = OrderScript()
        let foreign = script.update("fill") { $0.classification = .foreign }
        #expect(FoldRig<Executions>([foreign]).rows.isEmpty)
    }
}

@Suite struct `Any permutation of an order's events` {
    @Test func `gives the same rows, and no standing falls on the way`() throws {
        let seed = Storm.seed
        var random = SplitMix64(seed: seed)
        for life in 0..<120 {
            let settings = StoryTeller.Settings(seed: seed &+ UInt64(life) &* 7919, orders: 1, symbols: 1, open: 1)
            var events = StoryTeller(settings).filter { Executions.wants.contains($0.content.type) }
            let told = FoldRig<Executions>(events)
            for _ in 0..<5 {
                events.shuffle(using: &random)
                var rig = FoldRig<Executions>()
                var standings: [OrderName: OrderStanding] = [:]
                for event in events {
                    rig.fold([event])
                    for (name, standing) in rig.standings {
                        #expect(standing >= standings[name] ?? standing, "seed \(seed), life \(life)")
                        standings[name] = standing
                    }
                }
                #expect(rig.rows == told.rows, "seed \(seed), life \(life)")
            }
        }
    }
}

extension FoldRig<Executions> {
    /// How far each order of these few partitions is.
    fileprivate var standings: [(OrderName, OrderStanding)] {
        partitions.values.flatMap { tables in
            tables.orders.held.compactMap { row in row.facts.standing.map { (row.key, $0) } }
        }
    }
}
