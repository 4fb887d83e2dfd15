import Core
import Domain
import Engine
import Testing

@Suite struct `What one order gets from one quote` {
    static let quote = Quote(bid: 99, ask: 101, bidSize: 5, askSize: 5, time: .epoch)

    private func fill(
        _ side: Side, _ type: OrderType = .market, qty: Amount = 1, limit: Amount? = nil, stop: Amount? = nil,
        model: SingleOrderFill.Model = .init()
    ) throws -> SingleOrderFill.Fill {
        try SingleOrderFill.judge(
            .init(side: side, qty: qty, type: type, limitPrice: limit, stopPrice: stop), at: Self.quote, model)
    }

    @Test func `a buyer pays the ask and a seller gets the bid, and half the spread is its slippage`() throws {
        #expect(try fill(.buy).price == 101)
        #expect(try fill(.buy).slippageBps == 100)
        #expect(try fill(.sell).price == 99)
        #expect(try fill(.sell).slippageBps == 100)
        #expect(try fill(.buy).beyondTouchBps == .zero)
    }

    @Test func `slippage of the model makes the price worse for either side`() throws {
        let model = SingleOrderFill.Model(slippageBps: 10)
        #expect(try fill(.buy, model: model).price == Amount("101.101"))
        #expect(try fill(.sell, model: model).price == Amount("98.901"))
        #expect(try fill(.buy, model: model).beyondTouchBps == 10)
    }

    @Test func `what exceeds the shown size costs its surcharge by weight`() throws {
        let model = SingleOrderFill.Model(beyondSizeBps: 100)
        #expect(try fill(.buy, qty: 5, model: model).price == 101)
        #expect(try fill(.buy, qty: 10, model: model).price == Amount("101.505"))
    }

    @Test func `a limit is never broken`() throws {
        #expect(throws: SingleOrderFill.NoFill.limitNotReached) { try fill(.buy, .limit, limit: 100) }
        #expect(throws: SingleOrderFill.NoFill.limitNotReached) { try fill(.sell, .limit, limit: 100) }
        let model = SingleOrderFill.Model(slippageBps: 500)
        #expect(try fill(.buy, .limit, limit: 102, model: model).price == 102)
        #expect(try fill(.sell, .limit, limit: 98, model: model).price == 98)
    }

    @Test func `a stop waits for its price, on the side that it trades`() throws {
        #expect(throws: SingleOrderFill.NoFill.stopNotReached) { try fill(.buy, .stop, stop: 102) }
        #expect(throws: SingleOrderFill.NoFill.stopNotReached) { try fill(.sell, .stop, stop: 98) }
        #expect(try fill(.buy, .stop, stop: 101).price == 101)
        #expect(try fill(.sell, .stopLimit, limit: 99, stop: 99).price == 99)
    }

    @Test func `what cannot be judged says why`() {
        #expect(throws: SingleOrderFill.NoFill.needsHistory(.trailingStop)) { try fill(.buy, .trailingStop) }
        #expect(throws: SingleOrderFill.NoFill.priceMissing(.limit)) { try fill(.buy, .limit) }
        #expect(throws: SingleOrderFill.NoFill.priceMissing(.stop)) { try fill(.buy, .stop) }
        #expect(throws: SingleOrderFill.NoFill.quantityNotPositive) { try fill(.buy, qty: .zero) }
        let crossed = Quote(bid: 102, ask: 101, time: .epoch)
        #expect(throws: SingleOrderFill.NoFill.unsoundQuote) {
            try SingleOrderFill.judge(.init(side: .buy, qty: 1, type: .market), at: crossed)
        }
    }
}
