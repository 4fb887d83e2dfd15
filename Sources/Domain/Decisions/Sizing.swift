internal import Core

/// How much a decision asks for, and how much of it may be ordered.
struct Sizing {
    var requested: Amount?
    /// What will be ordered; `nil` for an order by notional.
    var qty: Amount?
    var notional = Amount.zero
    /// The price it is judged at.
    var price: Amount?
    var step = Amount.Step.equity
    var stepReason: StaticString = "fractional_disabled"
    /// What cut the quantity.
    var limit: StaticString?
    var sellable = Amount.zero
    var isShortIncreasing = false

    /// The quantity, also of an order by notional.
    var units: Amount { qty ?? price.flatMap { notional.over($0) } ?? .zero }
}

extension DecisionCase {
    /// The price that a decision is judged at: the worst it allows, or what it saw.
    private var referencePrice: Amount? {
        let terms = decision.terms
        let quote = decision.referenceQuote.map { decision.action == .buy ? $0.ask : $0.bid }
        let price: Amount? =
            switch terms.orderType {
            case .limit, .stopLimit: terms.limitPrice
            case .stop: terms.stopPrice
            case .market, .trailingStop: quote ?? decision.arrivalPrice ?? facts?.positions[symbol]?.price
            }
        return price.flatMap { $0 > .zero ? $0 : nil }
    }

    private func step(for sizing: Sizing) -> (Amount.Step, StaticString) {
        if AssetClass(of: symbol) == .crypto { return (.crypto, "crypto_fractional_allowed") }
        if !policy.allowsFractions { return (.equity, "fractional_disabled") }
        if decision.action == .buy { return (.fractional, "equity_buy_fractional_allowed") }
        if facts?.positions[symbol] == nil { return (.equity, "sell_inventory_unknown_integer_only") }
        return sizing.isShortIncreasing
            ? (.equity, "sell_short_increasing_integer_only") : (.fractional, "sell_reducing_long_fractional_allowed")
    }

    mutating func size() -> Sizing {
        var sizing = Sizing()
        sizing.price = referencePrice
        find(.missingPrice, when: sizing.price == nil)
        let terms = decision.terms
        sizing.requested = terms.qty
        sizing.qty = terms.qty
        sizing.sellable = book.sellable(symbol)
        sizing.notional = terms.notional ?? .zero
        find(.qtyNonPositive, when: (terms.qty ?? terms.notional ?? .zero) <= .zero)
        find(.qtyInvalidIncrement, when: terms.qty != nil && terms.notional != nil)
        sizing.isShortIncreasing = decision.action == .sell && sizing.units > sizing.sellable
        clip(&sizing)
        (sizing.step, sizing.stepReason) = step(for: sizing)
        quantize(&sizing)
        return sizing
    }

    /// A sale that may not go short is cut to what is there.
    private mutating func clip(_ sizing: inout Sizing) {
        guard sizing.isShortIncreasing, sizing.sellable > .zero, !policy.allowsShorts || crossesNothing else { return }
        guard sizing.qty != nil else { return }
        sizing.qty = sizing.sellable
        sizing.limit = "sell_inventory"
        sizing.isShortIncreasing = false
    }

    /// Coins cannot be sold short, whatever the policy says.
    private var crossesNothing: Bool { AssetClass(of: symbol) == .crypto }

    private mutating func quantize(_ sizing: inout Sizing) {
        guard let asked = sizing.qty else {
            // An order by notional is filled in fractions.
            find(.qtyInvalidIncrement, when: sizing.step == .equity && sizing.notional > .zero)
            return
        }
        let rounded = asked.rounded(downTo: sizing.step)
        if rounded != asked, sizing.limit == nil { sizing.limit = "qty_step" }
        sizing.qty = rounded
        sizing.notional = sizing.price.map { rounded.times($0) } ?? .zero
        if asked > .zero, rounded.isZero {
            find(.qtyBelowMin)
            evidence.add("min_qty", sizing.step.size)
        }
    }
}
