public import Core
public import Domain

/// An order as a strategy, or a script of orders, asks for it.
public struct OrderRequest: Sendable, Equatable {
    public var symbol: Int
    public var direction: Direction
    public var qty: Amount
    public var type: OrderType
    public var timeInForce: TimeInForce
    public var limitPrice: Amount?
    public var stopPrice: Amount?
    public var trailPrice: Amount?
    public var trailPercent: Amount?
    /// Who asked, for the record of fills.
    public var source: String

    public init(
        symbol: Int, direction: Direction, qty: Amount, type: OrderType = .market, timeInForce: TimeInForce = .day,
        limitPrice: Amount? = nil, stopPrice: Amount? = nil, trailPrice: Amount? = nil, trailPercent: Amount? = nil,
        source: String
    ) {
        self.symbol = symbol
        self.direction = direction
        self.qty = qty
        self.type = type
        self.timeInForce = timeInForce
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
        self.trailPrice = trailPrice
        self.trailPercent = trailPercent
        self.source = source
    }

    /// Why no venue would take it, or `nil`.
    public var fault: String? {
        guard qty > .zero else { return "quantity_not_positive" }
        guard timeInForce != .opg, timeInForce != .cls else { return "auctions_are_not_simulated" }
        switch type {
        case .market: return nil
        case .limit: return isPrice(limitPrice) ? nil : "limit_price_missing"
        case .stop: return isPrice(stopPrice) ? nil : "stop_price_missing"
        case .stopLimit:
            return isPrice(stopPrice) && isPrice(limitPrice) ? nil : "stop_or_limit_price_missing"
        case .trailingStop:
            let percent = trailPercent.map { $0 > .zero && $0 < 100 } ?? false
            return isPrice(trailPrice) != percent ? nil : "one_of_trail_price_and_trail_percent_needed"
        }
    }

    private func isPrice(_ amount: Amount?) -> Bool { (amount ?? .zero) > .zero }
}
