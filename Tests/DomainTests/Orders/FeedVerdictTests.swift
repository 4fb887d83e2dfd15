import Core
import Domain
import TestSupport
import Testing

/// A feed over tales, which folds what it judges.
private struct Desk {
    static let main = AccountLabel(trusted: "paper")
    var state = FeedState()
    var ours: Set<AccountLabel> = [main]

    /// The client order id of a decision of ours: its hash.
    static let client = ClientOrderID(trusted: String(repeating: "ab", count: 32))

    @discardableResult
    mutating func take(
        _ message: BrokerUpdateRecorded, _ account: AccountLabel = main, client: ClientOrderID? = Desk.client,
        symbol: String = "AAPL", at second: Int = 0
    ) -> FeedVerdict {
        var message = message
        message.clientOrderID = client
        let moment = OrderTale.time(second)
        let verdict = state.judge(
            message, of: account, Symbol(trusted: symbol), takenIn: moment, ours: ours)
        message.classification = verdict.classification
        state.fold(message, of: account, verdict.symbol, takenIn: moment)
        return verdict
    }
}

@Suite struct `What the feed makes of an update` {
    private let tale = OrderTale().telling("new", "new", at: 1)
        .filling("partial_fill", "partially_filled", at: 2, "x1", 40, filled: 40)
        .filling("fill", "filled", at: 3, "x2", 60, filled: 100)

    @Test func `the first of each is applied, with the slice it carries`() {
        var desk = Desk()
        let verdicts = tale.messages.map { desk.take($0) }
        #expect(verdicts.map(\.classification) == [.applied, .applied, .applied])
        #expect(verdicts.map(\.delta) == [nil, 40, 60])
        #expect(verdicts[1].basis == .delta)
        #expect(verdicts[0].decision == DecisionHash(of: Desk.client))
    }

    @Test func `the same event again is a duplicate, and so is the same execution under another name`() {
        var desk = Desk()
        for message in tale.messages { desk.take(message) }
        #expect(desk.take(tale.messages[1]).reason == FeedReason.eventSeen.code)
        // A forwarder that calls the part a fill: another fingerprint, the same execution.
        let renamed = OrderTale().filling("fill", "partially_filled", at: 2, "x1", 40, filled: 40).messages[0]
        let verdict = desk.take(renamed)
        #expect(verdict.classification == .duplicate)
        #expect(verdict.reason == FeedReason.executionSeen.code)
        #expect(verdict.delta == nil)
    }

    @Test func `new, fill, new, fill, new, fill with one execution is one fill`() {
        var desk = Desk()
        let fill = OrderTale().filling("fill", "filled", at: 2, "x1", 100, filled: 100).messages[0]
        let new = OrderTale().telling("new", "new", at: 1).messages[0]
        let verdicts = [new, fill, new, fill, new, fill].map { desk.take($0).classification }
        #expect(verdicts == [.applied, .applied, .duplicate, .duplicate, .duplicate, .duplicate])
        #expect(desk.state.book.all.map { $0.life.filledQty } == [100])
    }

    @Test func `a word that is older than what is known is out of order, and changes nothing`() {
        var desk = Desk()
        desk.take(tale.messages[2])
        let verdict = desk.take(tale.messages[0])
        #expect(verdict.classification == .outOfOrder)
        #expect(desk.state.book.all.first?.life.status == .filled)
        // A fill that comes late adds to what is filled, so it counts.
        #expect(desk.take(tale.messages[1]).classification == .applied)
    }

    @Test func `what says nothing new is no change`() {
        var desk = Desk()
        desk.take(tale.messages[0])
        #expect(desk.take(OrderTale().telling("restated", "new", at: 5).messages[0]).classification == .noChange)
    }

    @Test func `an order that is not ours is recorded as such`() {
        var desk = Desk()
        let verdict = desk.take(tale.messages[0], client: nil)
        #expect(verdict.classification == .unlinked)
        #expect(verdict.decision == nil)
        #expect(desk.take(tale.messages[0], client: nil).classification == .duplicate)
    }

    @Test func `equal ids of two accounts are two orders, and an account out of scope is foreign`() {
        var desk = Desk()
        desk.ours.insert(AccountLabel(trusted: "live"))
        var other = tale.messages[1]
        other.eventFingerprint = TestMint.mint.digest([1])
        desk.take(tale.messages[1])
        #expect(desk.take(other, AccountLabel(trusted: "live")).classification == .applied)
        #expect(desk.state.book.count == 2)
        #expect(desk.take(tale.messages[2], AccountLabel(trusted: "third")).reason == FeedReason.accountOutOfScope.code)
        #expect(desk.state.book.count == 2)
    }

    @Test func `two ends, another symbol and more than was asked for are conflicts`() {
        var desk = Desk()
        for message in tale.messages { desk.take(message) }
        let canceled = desk.take(OrderTale().telling("canceled", "canceled", at: 9, filled: 100).messages[0])
        #expect(canceled.reason == FeedReason.endedOtherwise.code)
        let more = OrderTale().filling("partial_fill", "partially_filled", at: 4, "x9", 5, filled: 105).messages[0]
        #expect(desk.take(more).reason == FeedReason.moreThanAskedFor.code)
        let symbol = desk.take(OrderTale().telling("restated", "filled", at: 9).messages[0], symbol: "MSFT")
        #expect(symbol.reason == FeedReason.symbolDiffers.code)
        #expect(symbol.symbol?.text == "AAPL")
    }

    @Test func `a symbol spelt without its slash is the same instrument, under its first spelling`() {
        var desk = Desk()
        desk.take(tale.messages[0], symbol: "BTC/USD")
        let verdict = desk.take(tale.messages[1], symbol: "BTCUSD")
        #expect(verdict.classification == .applied)
        #expect(verdict.symbol?.text == "BTC/USD")
    }

    @Test func `sums without slices are turned into slices, and sums that do not rise into none`() {
        var desk = Desk()
        desk.take(OrderTale().telling("partial_fill", "partially_filled", at: 1, filled: 30).messages[0])
        let more = desk.take(OrderTale().telling("partial_fill", "partially_filled", at: 2, filled: 50).messages[0])
        #expect(more.delta == 20)
        #expect(more.basis == .cumulativeToDelta)
        let same = desk.take(OrderTale().telling("partial_fill", "partially_filled", at: 3, filled: 50).messages[0])
        #expect(same.basis == .cumulativeNonIncreasing)
    }
}

@Suite struct `An order under two names` {
    private let half = OrderTale().filling("partial_fill", "partially_filled", at: 2, "x1", 40, filled: 40).messages[0]
    private let rest = OrderTale().filling("fill", "filled", at: 3, "x2", 60, filled: 100).messages[0]

    /// Told of by our name, by the broker's, and at last by both: whichever comes first, it is one order.
    @Test func `is one as soon as somebody names both, in whatever order they are told`() {
        let both = OrderTale().telling("restated", "new", at: 1).messages[0]
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            var desk = Desk()
            for step in order {
                switch step {
                case 0: desk.take(nameless(half))
                case 1: desk.take(rest, client: nil)
                default: desk.take(both)
                }
            }
            #expect(desk.state.book.count == 1, "\(order)")
            let known = desk.state.book.order(Desk.main, Desk.client, both.alpacaOrderID)
            #expect(known?.life.filledQty == 100, "\(order)")
            #expect(known?.decision != nil, "\(order)")
        }
    }

    @Test func `a correction of a correction counts, and moves the order though it contradicts it`() {
        var desk = Desk()
        desk.take(half)
        let first = OrderTale().filling("trade_correct", "partially_filled", at: 5, "x1", 35, filled: 35).messages[0]
        var second = OrderTale().filling("trade_correct", "partially_filled", at: 6, "x1", 30, filled: 30).messages[0]
        second.eventFingerprint = TestMint.mint.digest([2])
        #expect(desk.take(first).delta == -5)
        #expect(desk.take(second).delta == -5)
        desk.take(OrderTale().telling("canceled", "canceled", at: 7, filled: 30).messages[0])
        let filled = desk.take(OrderTale().telling("fill", "filled", at: 8, filled: 100).messages[0])
        #expect(filled.classification == .applied)
        #expect(filled.reason == FeedReason.endedOtherwise.code)
    }

    private func nameless(_ message: BrokerUpdateRecorded) -> BrokerUpdateRecorded {
        var message = message
        message.alpacaOrderID = nil
        return message
    }
}

@Suite struct `What the feed remembers` {
    @Test func `does not grow with history, and the latest events are always known`() {
        var state = FeedState(FeedBook.Memory(time: .seconds(60), orders: 50), remembering: 100)
        for number in 0..<5_000 {
            var update = OrderTale("o\(number)").telling("canceled", "canceled", at: number).messages[0]
            update.classification = .applied
            state.fold(
                update, of: AccountLabel(trusted: "paper"), Symbol(trusted: "AAPL"), takenIn: OrderTale.time(number))
            #expect(state.seen.contains(update.eventFingerprint))
            #expect(state.seen.count <= 200)
            #expect(state.book.count <= 52)
        }
    }

    @Test func `keeps open orders, however old`() {
        var state = FeedState(FeedBook.Memory(time: .seconds(60), orders: 10), remembering: 100)
        let open = OrderTale("open").telling("new", "new", at: 0).messages[0]
        let account = AccountLabel(trusted: "paper")
        state.fold(open, of: account, nil, takenIn: OrderTale.time(0))
        for number in 1..<200 {
            let update = OrderTale("o\(number)").telling("canceled", "canceled", at: number).messages[0]
            state.fold(update, of: account, nil, takenIn: OrderTale.time(number))
        }
        #expect(state.book.order(account, nil, open.alpacaOrderID) != nil)
    }

    @Test func `is the same after a restart from its snapshot`() throws {
        let seed = Storm.seed
        var random = SplitMix64(seed: seed)
        var state = FeedState()
        var messages = OrderVector.all.enumerated().flatMap { number, vector in
            vector.tale.messages.map { message in
                var message = message
                message.alpacaOrderID = BrokerOrderID(trusted: "o\(number)")
                message.eventFingerprint = TestMint.mint.digest(Array("\(number)/\(message.sourceOffset)".utf8))
                return message
            }
        }
        messages.shuffle(using: &random)
        for message in messages {
            state.fold(message, of: AccountLabel(trusted: "paper"), nil, takenIn: OrderTale.time(1))
            let again = try FeedState(snapshot: state.snapshot)
            #expect(again.snapshot == state.snapshot, "seed \(seed)")
        }
        #expect(state.book.count == OrderVector.all.count)
    }
}
