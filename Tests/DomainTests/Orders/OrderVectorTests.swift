import Core
import Domain
import TestSupport
import Testing

/// The families of the FIX order state changes, told in the broker's words: what each story ends in.
struct OrderVector: Sendable, CustomTestStringConvertible {
    let name: String
    let tale: OrderTale
    let status: OrderStatus
    let filled: Amount
    let fills: Int

    var testDescription: String { name }

    init(_ name: String, _ status: OrderStatus, _ tale: OrderTale) {
        self.init(name, status, .zero, fills: 0, tale)
    }

    init(_ name: String, _ status: OrderStatus, _ filled: Amount, fills: Int, _ tale: OrderTale) {
        self.name = name
        self.tale = tale
        self.status = status
        self.filled = filled
        self.fills = fills
    }

    static let all: [OrderVector] = plain + canceling + replacing + others

    private static let opened = OrderTale().telling("pending_new", "pending_new", at: 0).telling("new", "new", at: 1)
    private static let half =
        opened.filling("partial_fill", "partially_filled", at: 2, "x1", 40, filled: 40)

    static let plain = [
        OrderVector(
            "A: filled in one", .filled, 100, fills: 1,
            opened.filling("fill", "filled", at: 2, "x1", 100, filled: 100)),
        OrderVector(
            "A: filled in parts", .filled, 100, fills: 3,
            half.filling("partial_fill", "partially_filled", at: 3, "x2", 20, filled: 60)
                .filling("fill", "filled", at: 4, "x3", 40, filled: 100)),
        OrderVector("A: rejected", .rejected, opened.telling("rejected", "rejected", at: 2)),
        OrderVector(
            "A: one word of it alone", .filled, 100, fills: 0, OrderTale().telling("fill", "filled", at: 9, filled: 100)
        ),
    ]

    static let canceling = [
        OrderVector(
            "B: canceled before any fill", .canceled,
            opened.telling("pending_cancel", "pending_cancel", at: 2).telling("canceled", "canceled", at: 3)),
        OrderVector(
            "B: canceled after a part", .canceled, 40, fills: 1,
            half.telling("pending_cancel", "pending_cancel", at: 3, filled: 40)
                .telling("canceled", "canceled", at: 4, filled: 40)),
        OrderVector(
            "B: filled while the cancel was on its way", .filled, 100, fills: 2,
            half.telling("pending_cancel", "pending_cancel", at: 3, filled: 40)
                .filling("fill", "filled", at: 4, "x2", 60, filled: 100)
                .telling("order_cancel_rejected", "filled", at: 5, filled: 100)),
        OrderVector(
            "B: the cancel was refused and the order works on", .new,
            opened.telling("pending_cancel", "pending_cancel", at: 2)
                .telling("order_cancel_rejected", "new", at: 3)),
    ]

    static let replacing = [
        OrderVector(
            "C: replaced by a larger one before any fill", .replaced,
            opened.telling("pending_replace", "pending_replace", at: 2)
                .telling("replaced", "replaced", at: 3, replacedBy: "a2")),
        OrderVector(
            "D: replaced by a smaller one after a part", .replaced, 40, fills: 1,
            half.telling("pending_replace", "pending_replace", at: 3, filled: 40)
                .telling("replaced", "replaced", at: 4, filled: 40, replacedBy: "a2")),
        OrderVector(
            "D: filled while the replace was on its way", .filled, 100, fills: 2,
            half.telling("pending_replace", "pending_replace", at: 3, filled: 40)
                .filling("fill", "filled", at: 4, "x2", 60, filled: 100)
                .telling("order_replace_rejected", "filled", at: 5, filled: 100)),
        OrderVector(
            "E: the replace was refused, then canceled", .canceled, 40, fills: 1,
            half.telling("pending_replace", "pending_replace", at: 3, filled: 40)
                .telling("order_replace_rejected", "partially_filled", at: 4, filled: 40)
                .telling("pending_cancel", "pending_cancel", at: 5, filled: 40)
                .telling("canceled", "canceled", at: 6, filled: 40)),
    ]

    static let others = [
        OrderVector(
            "F: canceled by the exchange, unasked", .canceled, 40, fills: 1,
            half.telling("canceled", "canceled", at: 3, filled: 40)),
        OrderVector(
            "G: the same fill told three times", .filled, 100, fills: 1,
            opened.filling("fill", "filled", at: 2, "x1", 100, filled: 100).telling("new", "new", at: 1)
                .filling("fill", "filled", at: 2, "x1", 100, filled: 100)
                .filling("fill", "filled", at: 2, "x1", 100, filled: 100)),
        OrderVector(
            "H: done for the day, and at work the next", .new, 40, fills: 1,
            half.telling("done_for_day", "done_for_day", at: 3, filled: 40)
                .telling("new", "new", at: 70_000, filled: 40)),
        OrderVector(
            "H: done for the day, filled the next", .filled, 100, fills: 2,
            half.telling("done_for_day", "done_for_day", at: 3, filled: 40)
                .filling("fill", "filled", at: 70_000, "x2", 60, filled: 100)),
        OrderVector(
            "H: settled on the next day", .calculated, 40, fills: 1,
            half.telling("done_for_day", "done_for_day", at: 3, filled: 40)
                .telling("calculated", "calculated", at: 4, filled: 40)),
        OrderVector("I: expired with the day", .expired, opened.telling("expired", "expired", at: 2)),
        OrderVector(
            "I: filled at once in part, the rest canceled", .canceled, 40, fills: 1,
            half.telling("canceled", "canceled", at: 2, filled: 40)),
        OrderVector(
            "J: an execution was taken back", .partiallyFilled, 40, fills: 2,
            half.filling("partial_fill", "partially_filled", at: 3, "x2", 20, filled: 60)
                .busting("x2", at: 4, "partially_filled", filled: 40)),
        OrderVector(
            "J: an execution was corrected, twice", .partiallyFilled, 30, fills: 1,
            half.filling("trade_correct", "partially_filled", at: 5, "x1", 35, filled: 35)
                .filling("trade_correct", "partially_filled", at: 6, "x1", 30, filled: 30)),
        OrderVector(
            "K: suspended, and traded again", .filled, 100, fills: 1,
            opened.telling("suspended", "suspended", at: 2).telling("new", "new", at: 3)
                .filling("fill", "filled", at: 4, "x1", 100, filled: 100)),
        OrderVector(
            "L: a trade was guaranteed, then happened", .filled, 100, fills: 1,
            opened.telling("stopped", "stopped", at: 2).filling("fill", "filled", at: 3, "x1", 100, filled: 100)),
        OrderVector(
            "L: a leg that waited", .new,
            OrderTale().telling("held", "held", at: 0).telling("accepted", "accepted", at: 1)
                .telling("accepted_for_bidding", "accepted_for_bidding", at: 2).telling("new", "new", at: 3)),
        OrderVector(
            "L: reviewed first", .new,
            OrderTale().telling("pending_new", "pending_review", at: 0).telling("restated", "new", at: 1)),
    ]
}

@Suite struct `An order's life` {
    @Test(arguments: OrderVector.all) func `ends as the broker's words say`(_ vector: OrderVector) {
        let life = OrderLife(of: vector.tale.messages)
        #expect(life.status == vector.status)
        #expect(life.filledQty ?? .zero == vector.filled)
        #expect(life.fills.rows.count == vector.fills)
    }

    @Test(arguments: OrderVector.all) func `is the same whatever the order, and however often`(_ vector: OrderVector) {
        let told = OrderLife(of: vector.tale.messages)
        if vector.tale.messages.count <= 6 {
            permute(vector.tale.messages) { #expect(OrderLife(of: $0) == told) }
        }
        let seed = Storm.seed
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var messages = vector.tale.messages
            for message in vector.tale.messages where random.next() % 2 == 0 { messages.append(message) }
            messages.shuffle(using: &random)
            #expect(OrderLife(of: messages) == told, "seed \(seed)")
        }
    }

    @Test func `says how much the broker counts beyond the executions that were told`() {
        let tale = OrderTale().filling("partial_fill", "partially_filled", at: 2, "x1", 40, filled: 40)
        #expect(OrderLife(of: tale.messages).missingFill == nil)
        let more = tale.telling("canceled", "canceled", at: 3, filled: 70)
        #expect(OrderLife(of: more.messages).missingFill == 30)
        // Once an execution was taken back, the largest sum that was ever named is no measure.
        let amended = more.busting("x1", at: 4, "canceled", filled: 30)
        #expect(OrderLife(of: amended.messages).missingFill == nil)
    }

    @Test func `is not led back by a reply that carries no time of the broker's`() {
        #expect(
            OrderStanding(.new, at: OrderTale.time(1)) > OrderStanding(.accepted, at: OrderTale.time(9), isReply: true))
        #expect(
            OrderStanding(.rejected, at: OrderTale.time(0), isReply: true) > OrderStanding(.new, at: OrderTale.time(9)))
    }

    @Test(arguments: OrderStatus.allCases, OrderStatus.allCases)
    func `stands at the highest that was said, and no two are beside each other`(
        _ one: OrderStatus, _ other: OrderStatus
    ) {
        for (first, second) in [(0, 0), (0, 1), (1, 0)] {
            let left = OrderStanding(one, at: OrderTale.time(first))
            let right = OrderStanding(other, at: OrderTale.time(second))
            #expect((left < right) || (right < left) || left == right)
            #expect(!((left < right) && (right < left)))
            if one.isEnd, !other.isEnd { #expect(right < left) }
        }
    }

    private func permute(_ messages: [BrokerUpdateRecorded], _ visit: ([BrokerUpdateRecorded]) -> Void) {
        var messages = messages
        func step(_ left: Int) {
            guard left > 1 else { return visit(messages) }
            for place in 0..<left {
                messages.swapAt(place, left - 1)
                step(left - 1)
                messages.swapAt(place, left - 1)
            }
        }
        step(messages.count)
    }
}
