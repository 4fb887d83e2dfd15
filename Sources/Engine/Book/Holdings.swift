internal import Core

/// Cash and positions, to the last digit.
///
/// Beside the real cash runs the cash there would be had every fill been at its middle price and free: the difference
/// is the cost, so net is gross less costs by construction and by test.
struct Holdings {
    struct Position {
        var qty: Amount = .zero
        /// What was paid for what is held, positive for long and short.
        var basis: Amount = .zero
        /// Last known price.
        var mark: Amount = .zero
        /// `qty × mark`, kept so that a quiet symbol costs nothing.
        var value: Amount = .zero
    }

    private(set) var cash: Amount
    /// Below zero it is what no broker lends for nothing.
    private(set) var lowestCash: Amount
    private(set) var freeCash: Amount
    private(set) var commissions: Amount = .zero
    private(set) var friction: Amount = .zero
    private(set) var turnover: Amount = .zero
    private(set) var realized: Amount = .zero
    private(set) var positions: [Position]
    /// Of all positions: `Σ value` and `Σ |value|`.
    private(set) var value: Amount = .zero
    private(set) var exposure: Amount = .zero
    private let settings: ReplaySettings

    init(_ settings: ReplaySettings, symbols: Int) {
        self.settings = settings
        cash = settings.initialCash
        lowestCash = settings.initialCash
        freeCash = settings.initialCash
        positions = Array(repeating: Position(), count: symbols)
    }

    func equity() throws(Amount.ArithmeticFault) -> Amount { try cash.adding(value) }

    mutating func mark(_ symbol: Int, at price: Amount) throws(Amount.ArithmeticFault) {
        positions[symbol].mark = price
        guard !positions[symbol].qty.isZero else { return }
        try revalue(symbol)
    }

    private mutating func revalue(_ symbol: Int) throws(Amount.ArithmeticFault) {
        let old = positions[symbol].value
        let new = try positions[symbol].qty.multiplied(by: positions[symbol].mark)
        positions[symbol].value = new
        value = try value.subtracting(old).adding(new)
        exposure = try exposure.subtracting(Self.size(old)).adding(Self.size(new))
    }

    /// Books a fill and completes its record.
    mutating func book(_ fill: inout Fill) throws(Amount.ArithmeticFault) {
        let direction = fill.direction
        let paid = try fill.qty.multiplied(by: fill.price)
        let free = try fill.qty.multiplied(by: fill.reference)
        fill.commission = try commission(on: paid, qty: fill.qty)
        fill.frictionCost = try direction == .up ? paid.subtracting(free) : free.subtracting(paid)
        cash = try cash.subtracting(direction.signed(paid)).subtracting(fill.commission)
        lowestCash = min(lowestCash, cash)
        freeCash = try freeCash.subtracting(direction.signed(free))
        commissions = try commissions.adding(fill.commission)
        friction = try friction.adding(fill.frictionCost)
        turnover = try turnover.adding(paid)
        try move(&fill, paid: paid)
        realized = try realized.adding(fill.realized)
        if positions[fill.symbol].mark.isZero { positions[fill.symbol].mark = fill.reference }
        try revalue(fill.symbol)
        fill.position = positions[fill.symbol].qty
        fill.cash = cash
    }

    private func commission(on paid: Amount, qty: Amount) throws(Amount.ArithmeticFault) -> Amount {
        let byValue = try paid.multiplied(by: settings.commissionBps).divided(by: BasisPoints.perOne)
        let whole = try byValue.adding(qty.multiplied(by: settings.commissionPerUnit))
        return max(whole, settings.minimumCommission)
    }

    /// Average price in, part by part out; what exceeds the position opens one the other way.
    private mutating func move(_ fill: inout Fill, paid: Amount) throws(Amount.ArithmeticFault) {
        var position = positions[fill.symbol]
        let held = Self.size(position.qty)
        let opposes = !held.isZero && (position.qty.isNegative == (fill.direction == .up))
        let closing = opposes ? min(held, fill.qty) : .zero
        var opened = paid
        if closing > .zero {
            fill.isClosing = true
            let part = closing == held ? position.basis : try portion(position.basis, closing, of: held)
            let turned = closing == fill.qty ? paid : try portion(paid, closing, of: fill.qty)
            fill.realized = try fill.direction == .up ? part.subtracting(turned) : turned.subtracting(part)
            position.basis = try position.basis.subtracting(part)
            opened = try paid.subtracting(turned)
        }
        position.qty = try position.qty.adding(fill.direction.signed(fill.qty))
        position.basis = try position.basis.adding(opened)
        positions[fill.symbol] = position
    }

    private func portion(_ whole: Amount, _ part: Amount, of all: Amount) throws(Amount.ArithmeticFault) -> Amount {
        guard let units = ExactQuotient.of(whole.units, times: part.units.magnitude, over: all.units) else {
            throw .overflow(.divide)
        }
        return Amount(units: units)
    }

    static func size(_ amount: Amount) -> Amount { amount.isNegative ? Amount(units: 0 &- amount.units) : amount }
}
