internal import Core

/// What makes a decision bad: its size, its side, its company.
extension DecisionCase {
    mutating func checkRisk(_ sizing: Sizing) {
        if let symbols = policy.symbols { find(.symbolNotAllowed, when: !symbols.contains(symbol)) }
        checkSales(sizing)
        checkOpposite(sizing)
        // Selling what is held takes no capital and makes no position larger.
        guard decision.action == .buy || sizing.isShortIncreasing else { return }
        find(.unresolvedOrder, when: book.isUnresolved(symbol))
        checkNotional(sizing)
        checkPosition(sizing)
        checkExposure(sizing)
    }

    private mutating func checkSales(_ sizing: Sizing) {
        guard sizing.isShortIncreasing else { return }
        let held = facts?.positions[symbol]?.qty ?? .zero
        evidence.add("position_qty", held)
        evidence.add("available_qty", sizing.sellable)
        guard policy.allowsShorts, AssetClass(of: symbol) == .equity else {
            if held > .zero {
                find(.sellInventoryUnavailable)
                find(.precheckSellQtyExceedsAvailable)
            }
            return find(.shortsNotAllowed)
        }
        // The broker takes no sale that closes a long position and opens a short one.
        find(.precheckSellQtyExceedsAvailable, when: held > .zero)
        switch facts?.shortingEnabled {
        case true?: break
        case false?: find(.localAccountShortingDisabled)
        // Strict in live trading alone: a paper account need not say.
        case nil: find(.shortingMetadataUnavailable, when: policy.mode == .live)
        }
    }

    /// The broker refuses orders that could trade with one another.
    private mutating func checkOpposite(_ sizing: Sizing) {
        guard let opposite = book.open(decision.action == .buy ? .sell : .buy, symbol).first(where: couldMeet) else {
            return
        }
        find(.precheckOppositeSideOpenOrder)
        evidence.add("existing_order_side", opposite.side)
        evidence.add("existing_order_type", opposite.orderType)
    }

    private func couldMeet(_ order: SymbolBook.OpenOrder) -> Bool {
        guard order.orderType == .limit, decision.terms.orderType == .limit, let theirs = order.limitPrice,
            let ours = decision.terms.limitPrice
        else { return true }
        return decision.action == .buy ? ours >= theirs : ours <= theirs
    }

    private mutating func checkNotional(_ sizing: Sizing) {
        if let cap = policy.caps.orderNotional, sizing.notional > cap {
            find(.maxNotionalExceeded)
            evidence.add("max_notional", cap)
            evidence.add("notional", sizing.notional)
        }
        if let least = policy.caps.minimumNotional, sizing.notional < least {
            find(.minNotionalNotMet)
            evidence.add("min_notional", least)
        }
        guard let facts else { return }
        // What our own orders take counts at once, also those of the same batch.
        let free = facts.buyingPower.less(book.reserved)
        if sizing.notional > free {
            find(.insufficientBuyingPower)
            evidence.add("buying_power", facts.buyingPower)
            evidence.add("reserved", book.reserved)
        }
    }

    private mutating func checkPosition(_ sizing: Sizing) {
        guard let price = sizing.price else { return }
        let before = book.projected(symbol)
        let after = decision.action == .buy ? before.plus(sizing.units) : before.less(sizing.units)
        let worth = after.size.times(price)
        // A position that shrinks is never too large.
        guard after.size >= before.size else { return }
        if let share = policy.caps.positionShareOfEquity, worth > (facts?.equity ?? .zero).times(share) {
            find(.maxPositionPctExceeded)
            evidence.add("projected_notional", worth)
            evidence.add("equity", facts?.equity)
        }
        if let cap = policy.caps.symbolNotional, worth > cap {
            find(.symbolCapacityExhausted)
            evidence.add("symbol_capacity", cap)
        }
        if let cap = policy.caps.positions, before.isZero, Amount(Int64(book.symbolsInPlay(besides: symbol))) >= cap {
            find(.maxPositionsExceeded)
            evidence.add("max_positions", cap)
        }
    }

    private mutating func checkExposure(_ sizing: Sizing) {
        guard let facts else { return }
        let gross = facts.gross.plus(book.pendingGross).plus(sizing.notional)
        if let cap = policy.caps.grossExposure, gross > cap {
            find(.grossExposureCapacityExhausted)
            evidence.add("gross_exposure", gross)
        }
        let net = facts.net.plus(book.pendingNet)
        let after = decision.action == .buy ? net.plus(sizing.notional) : net.less(sizing.notional)
        if let cap = policy.caps.netExposure, after.size > cap, after.size >= net.size {
            find(.netExposureCapacityExhausted)
            evidence.add("net_exposure", after)
        }
    }
}
