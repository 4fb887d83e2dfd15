public import Core

/// How far a real price lies from a simulated one, as a cost: positive when the real one was worse.
public enum ParityDelta {
    /// In basis points of the simulated price; `nil` when no amount is so large, or there is no price.
    public static func bps(actual: Amount, simulated: Amount, side: Side) -> Amount? {
        guard simulated > .zero, actual > .zero else { return nil }
        let (difference, overflow) = actual.units.subtractingReportingOverflow(simulated.units)
        guard !overflow else { return nil }
        let cost = side.isSale ? -difference : difference
        // Units over units is a plain number: ten thousand of them to the one, and nine digits behind the point.
        return ExactQuotient.of(cost, times: 10_000 * UInt128(Amount.unitsPerOne), over: simulated.units)
            .map(Amount.init(units:))
    }
}

extension Side {
    /// Whoever sells wants more for it.
    var isSale: Bool {
        switch self {
        case .buy: false
        case .sell: true
        }
    }
}
