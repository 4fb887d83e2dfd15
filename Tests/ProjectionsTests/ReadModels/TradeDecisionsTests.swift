import Core
import Domain
import TestSupport
import Testing

@testable import Projections

@Suite struct `A decision in trade_decisions` {
    private func row(_ events: [Event], _ script: OrderScript) -> TradeDecisionRow? {
        var rig = FoldRig<TradeDecisions>()
        rig.fold(events)
        let key = DecisionName(script.hash, script.scope)
        let partition = Murmur2Partitioner.partition(forKey: Array(script.symbol.text.utf8), of: 12)
        rig.partitions[partition]?.decisions.need(key)
        return rig.partitions[partition]?.decisions[key]
    }

    @Test func `is filled when its order is filled at once: W11`() throws {
        var script = OrderScript()
        let row = row([script.decided(), script.prepared(), script.accepted(status: .filled)], script)
        #expect(row?.status.word.text == "filled")
        #expect(row?.executedAt == Moment(microseconds: 1_770_878_103_000_000))
        #expect(row?.submittedAt == Moment(microseconds: 1_770_878_102_000_000))
    }

    @Test func `is planned, submitted, and what the broker says, and never goes back`() throws {
        var script = OrderScript()
        let decided = script.decided()
        #expect(row([decided], script)?.status.word.text == "planned")
        let prepared = script.prepared()
        #expect(row([prepared, decided], script)?.status.word.text == "submitted")
        let updates = [script.update("partial_fill"), script.update("replaced"), script.update("new")]
        #expect(row([decided, prepared] + updates, script)?.status.word.text == "partially_filled")
    }

    @Test func `keeps the first body of its hash, with the price it saw`() throws {
        var script = OrderScript()
        let events = [script.decided(bid: 100, ask: 101), script.decided(bid: 1, ask: 2)]
        let row = row(events, script)
        #expect(row?.body?.arrivalPrice == Amount(units: 100_500_000_000))
        #expect(row?.body?.json?.description.contains(#""bid":"100""#) == true)
    }

    @Test func `is found by a client order id made from its hash`() throws {
        let script = OrderScript(7)
        #expect(script.client.decisionHash == script.hash)
        #expect(ClientOrderID(trusted: "\(script.hash)-r12").decisionHash == script.hash)
        for other in ["\(script.hash)-r", "\(script.hash)-x1", "\(script.hash)0", "client-1", "\(script.hash)-r1x"] {
            #expect(ClientOrderID(trusted: other).decisionHash == nil)
        }
    }
}
