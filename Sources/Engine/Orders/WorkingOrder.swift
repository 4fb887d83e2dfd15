internal import Core
internal import Domain

/// An order on its way or in the market.
struct WorkingOrder {
    enum Ending {
        case filled
        case expired
        /// What could not be filled at once was let go.
        case canceled
    }

    let number: Int
    let request: OrderRequest
    let submitted: Timestamp
    let arrives: Timestamp
    let expires: Timestamp?
    var remaining: Amount
    /// Stops only: the price was there.
    var isTriggered: Bool
    /// Trailing stops only: the best price since the order arrived.
    var watermark: Int128?
    /// Whether it was in the market before: what fills later was waiting, at its own price.
    var hasRested = false
    var ending: Ending?

    init(number: Int, _ request: OrderRequest, submitted: Timestamp, arrives: Timestamp, expires: Timestamp?) {
        self.number = number
        self.request = request
        self.submitted = submitted
        self.arrives = arrives
        self.expires = expires
        remaining = request.qty
        switch request.type {
        case .market, .limit: isTriggered = true
        case .stop, .stopLimit, .trailingStop: isTriggered = false
        }
    }

    /// Filled at the moment it arrives, or never.
    var isImmediate: Bool { request.timeInForce == .ioc || request.timeInForce == .fok }

    /// Where a trailing stop stands, given the best price so far.
    func trailedStop(_ watermark: Int128) throws(Amount.ArithmeticFault) -> Int128 {
        let best = Amount(units: watermark)
        let distance: Amount
        if let price = request.trailPrice {
            distance = price
        } else {
            distance = try best.multiplied(by: request.trailPercent ?? .zero).divided(by: 100)
        }
        // A buyer's stop stands above the lowest price, a seller's below the highest.
        return try request.direction == .up ? best.adding(distance).units : best.subtracting(distance).units
    }
}
