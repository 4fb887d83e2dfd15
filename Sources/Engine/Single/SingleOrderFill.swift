public import Core
public import Domain

/// What one order would have got from one quote: the shadow lane's question, answered without any state.
///
/// A buyer takes the ask and a seller gives at the bid, each made worse by the model's slippage; a limit is never
/// broken.
public enum SingleOrderFill {
    public struct Order: Sendable, Equatable {
        public var side: Side
        public var qty: Amount
        public var type: OrderType
        public var limitPrice: Amount?
        public var stopPrice: Amount?

        public init(side: Side, qty: Amount, type: OrderType, limitPrice: Amount? = nil, stopPrice: Amount? = nil) {
            self.side = side
            self.qty = qty
            self.type = type
            self.limitPrice = limitPrice
            self.stopPrice = stopPrice
        }
    }

    public struct Model: Sendable, Equatable {
        /// What every fill that takes a price costs beyond it.
        public var slippageBps: Amount
        /// What the part beyond the shown size costs in addition.
        public var beyondSizeBps: Amount

        public init(slippageBps: Amount = .zero, beyondSizeBps: Amount = .zero) {
            self.slippageBps = slippageBps
            self.beyondSizeBps = beyondSizeBps
        }
    }

    public struct Fill: Sendable, Equatable {
        public let price: Amount
        /// Beside the middle of the quote, positive when it cost: half the spread is in it.
        public let slippageBps: Amount
        /// Beside the bid or ask that was taken.
        public let beyondTouchBps: Amount
    }

    /// Why there is no price.
    public enum NoFill: Error, Sendable, Equatable {
        /// The quote is crossed, empty or negative.
        case unsoundQuote
        case quantityNotPositive
        /// The type of the order needs a price that it does not have.
        case priceMissing(OrderType)
        /// A trailing stop depends on prices before and after the quote.
        case needsHistory(OrderType)
        case limitNotReached
        case stopNotReached
        case arithmetic(Amount.ArithmeticFault)
    }

    public static func judge(_ order: Order, at quote: Quote, _ model: Model = Model()) throws(NoFill) -> Fill {
        guard quote.isSound else { throw .unsoundQuote }
        guard order.qty > .zero else { throw .quantityNotPositive }
        let direction = Direction(order.side)
        let touch = direction == .up ? quote.ask : quote.bid
        try checkStop(order, direction, touch)
        let limit = try limit(of: order)
        if let limit, direction == .up ? touch > limit : touch < limit { throw .limitNotReached }
        do {
            let shown = direction == .up ? quote.askSize : quote.bidSize
            var price = try BasisPoints.worsened(touch, for: direction, by: points(order.qty, shown, model))
            if let limit { price = direction == .up ? min(price, limit) : max(price, limit) }
            return Fill(
                price: price,
                slippageBps: try BasisPoints.cost(of: price, beside: quote.middle, for: direction),
                beyondTouchBps: try BasisPoints.cost(of: price, beside: touch, for: direction))
        } catch {
            throw .arithmetic(error)
        }
    }

    private static func checkStop(
        _ order: Order, _ direction: Direction, _ touch: Amount
    ) throws(NoFill) {
        switch order.type {
        case .market, .limit: return
        case .trailingStop: throw .needsHistory(order.type)
        case .stop, .stopLimit:
            guard let stop = order.stopPrice else { throw .priceMissing(order.type) }
            guard direction == .up ? touch >= stop : touch <= stop else { throw .stopNotReached }
        }
    }

    private static func limit(of order: Order) throws(NoFill) -> Amount? {
        switch order.type {
        case .market, .stop, .trailingStop: return nil
        case .limit, .stopLimit:
            guard let limit = order.limitPrice else { throw .priceMissing(order.type) }
            return limit
        }
    }

    /// Slippage of the whole quantity: the part beyond the shown size weighs in with its surcharge.
    private static func points(
        _ quantity: Amount, _ shown: Amount?, _ model: Model
    ) throws(Amount.ArithmeticFault) -> Amount {
        guard let shown, quantity > shown, !model.beyondSizeBps.isZero else { return model.slippageBps }
        let beyond = try quantity.subtracting(shown)
        return try model.slippageBps.adding(
            model.beyondSizeBps.multiplied(by: beyond).divided(by: quantity))
    }
}

extension SingleOrderFill.NoFill: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unsoundQuote: "the quote is crossed, empty or negative"
        case .quantityNotPositive: "the quantity is not above zero"
        case .priceMissing(let type): "an order of type \(type.rawValue) needs a price that this one lacks"
        case .needsHistory(let type): "an order of type \(type.rawValue) cannot be judged by one quote"
        case .limitNotReached: "the quote is beyond the limit price"
        case .stopNotReached: "the quote has not reached the stop price"
        case .arithmetic(let fault): fault.description
        }
    }
}
