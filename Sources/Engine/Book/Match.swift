internal import Core
internal import Domain

/// What the market gives an order at one moment.
struct Match {
    let qty: Amount
    let price: Amount
    let reference: Amount
    let time: Timestamp
}

/// What is left of a bar's volume or of a quote's size for our orders; they share it, in order of arrival.
struct Capacity {
    private(set) var left: Amount?

    /// Without a size there is no limit.
    static let unlimited = Capacity(left: nil)

    init(part: Amount, of size: Amount) throws(Amount.ArithmeticFault) {
        left = try size.multiplied(by: part, rounding: .down)
    }

    private init(left: Amount?) { self.left = left }

    /// What an order may have: a multiple of the step, and for one that takes all or nothing only all.
    func part(for order: WorkingOrder, step: Amount.Step, atMost share: Amount? = nil) -> Amount {
        var qty = order.remaining
        if let left { qty = min(qty, left) }
        if let share { qty = min(qty, share) }
        // The last rest of an order may be smaller than a step; nothing smaller is cut off anywhere else.
        if qty < order.remaining { qty = qty.rounded(downTo: step) }
        if order.request.timeInForce == .fok, qty < order.request.qty { return .zero }
        return qty
    }

    mutating func take(_ qty: Amount) throws(Amount.ArithmeticFault) {
        if let left { self.left = try left.subtracting(qty) }
    }
}
