internal import Core
internal import Domain

/// Where orders come from: strategies at the end of a bar, and the script at its times.
extension ReplayState {
    mutating func decide(_ symbol: Int, closing bar: Bar) throws(Amount.ArithmeticFault) {
        guard !lanes[symbol].strategies.isEmpty else { return }
        try lanes[symbol].indicators.add(bar.close)
        for strategy in lanes[symbol].strategies {
            let signal: Signal?
            do {
                signal = try strategy.rules.signal(lanes[symbol].indicators)
            } catch {
                result.counts.missingFeatures += 1
                continue
            }
            guard let signal else { continue }
            if signal.direction == .up {
                result.counts.buyDecisions += 1
            } else {
                result.counts.sellDecisions += 1
            }
            let qty = try allowed(strategy, signal.direction, symbol)
            guard qty > .zero else {
                result.counts.passedOver += 1
                continue
            }
            submit(
                OrderRequest(symbol: symbol, direction: signal.direction, qty: qty, source: strategy.id),
                at: bar.closed)
        }
    }

    /// What the limits leave of a decision: never beyond the largest position, counting what is still on its way, and
    /// a sale only of what is held where shorts are not allowed.
    private func allowed(
        _ strategy: Strategy, _ direction: Direction, _ symbol: Int
    ) throws(Amount.ArithmeticFault) -> Amount {
        var ahead = holdings.positions[symbol].qty
        for order in lanes[symbol].orders where order.request.direction == direction {
            ahead = try ahead.adding(direction.signed(order.remaining))
        }
        let most = settings.maximumPosition ?? strategy.orderQuantity
        switch direction {
        case .up:
            return min(strategy.orderQuantity, try most.subtracting(ahead))
        case .down:
            let floor = settings.allowShorts ? try most.negated() : .zero
            return min(strategy.orderQuantity, try ahead.subtracting(floor))
        }
    }

    mutating func submitScript(until time: Timestamp) {
        while scripted < script.count, script[scripted].time <= time {
            submit(script[scripted].request, at: script[scripted].time)
            scripted += 1
        }
    }

    private mutating func submit(_ request: OrderRequest, at time: Timestamp) {
        let number = numbers
        numbers += 1
        result.counts.orders += 1
        if let reason = request.fault {
            result.counts.rejected += 1
            result.rejections.append(.init(order: number, reason: reason))
            return
        }
        let (arrival, overflow) = time.nanoseconds.addingReportingOverflow(latency.nanoseconds(of: number))
        let order = WorkingOrder(
            number: number, request, submitted: time,
            arrives: overflow ? .latest : Timestamp(nanoseconds: arrival),
            expires: request.timeInForce == .day ? settings.dayEnd(after: time) : nil)
        // Orders stand in order of arrival: that is who is served first.
        let orders = lanes[request.symbol].orders
        var place = orders.count
        while place > 0, orders[place - 1].arrives > order.arrives { place -= 1 }
        lanes[request.symbol].orders.insert(order, at: place)
    }
}
