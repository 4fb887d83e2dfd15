internal import Core

/// What a fill costs: the one place where a middle price becomes what is paid.
struct Pricing {
    let halfSpread: Amount
    let slippage: Amount
    let impact: Amount

    init(_ settings: ReplaySettings) {
        // Halved exactly: nine digits are more than any spread is given in.
        halfSpread = Amount(units: settings.spreadBps.units / 2)
        slippage = settings.slippageBps
        impact = settings.impactBps
    }

    /// The bid or ask around a middle price.
    func touch(_ middle: Amount, _ direction: Direction) throws(Amount.ArithmeticFault) -> Amount {
        try BasisPoints.worsened(middle, for: direction, by: halfSpread)
    }

    /// What is paid by who takes it: worse by slippage and by its part of all that was traded, never beyond the limit.
    func taken(
        _ touch: Amount, _ direction: Direction, qty: Amount, of volume: Amount?, limit: Amount?
    ) throws(Amount.ArithmeticFault) -> Amount {
        var points = slippage
        if let volume, volume > .zero { points = try points.adding(impact.multiplied(by: qty).divided(by: volume)) }
        let price = try BasisPoints.worsened(touch, for: direction, by: points)
        guard let limit else { return price }
        return direction == .up ? min(price, limit) : max(price, limit)
    }

    /// The middle price at which the bid or ask comes to stand at a limit, rounded to the side where it does.
    func middle(reaching limit: Amount, _ direction: Direction) throws(Amount.ArithmeticFault) -> Int128 {
        let base = BasisPoints.perOne.units
        let factor = direction == .up ? base + halfSpread.units : base - halfSpread.units
        let product = limit.units.multipliedReportingOverflow(by: base)
        guard factor > 0, !product.overflow else { throw .overflow(.divide) }
        let (whole, rest) = product.partialValue.quotientAndRemainder(dividingBy: factor)
        return direction == .up || rest == 0 ? whole : whole + 1
    }
}
