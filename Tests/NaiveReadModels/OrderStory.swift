internal import Core
internal import Domain

/// Everything that follows from what was said of one order.
struct OrderStory {
    let client: ClientOrderID
    let sayings: [OrderSaying]
    let executions: [Execution]
    let links: [(broker: BrokerOrderID, rank: Int)]

    var state: OrderState { OrderState(sayings) }

    /// Of those named for the order, the lowest rank and hash.
    var decision: (rank: Int, hash: String)? { sayings.compactMap(\.decision).min { $0 < $1 } }

    /// Of the decisions named for the order that have a price, that of the smallest hash.
    private func measure(in story: SymbolStory) -> (hash: String, price: Amount)? {
        let named = Set(sayings.compactMap(\.decision?.hash)).sorted()
        return named.lazy.compactMap { hash in story.decisions[hash]?.arrival.map { (hash, $0) } }.first
    }

    var strategy: StrategyID? { sayings.compactMap(\.strategy).min() }

    private typealias OfAttempt<Value> = (saying: OrderSaying, attempt: Int64, value: Value)

    private func ofAttempts<Value>(_ part: (OrderSaying) -> OrderSaying.OfAttempt<Value>?) -> [OfAttempt<Value>] {
        let found = sayings.compactMap { saying in part(saying).map { (saying, $0.attempt, $0.value) } }
        return found.sorted { left, right in
            (left.1, left.0.moment, left.0.id) < (right.1, right.0.moment, right.0.id)
        }
    }

    /// Sum of effective quantities.
    private var executed: Exact { executions.map { Exact(of: $0.effective.qty) }.reduce(.zero, +) }

    /// Sum of effective quantity × price, in billionths of billionths.
    private var executedNotional: Exact {
        executions.map { Exact(of: $0.effective.qty) * Exact(of: $0.effective.price ?? 0) }.reduce(.zero, +)
    }

    private var filled: Amount? { executions.isEmpty ? state.reported?.reported?.qty ?? 0 : executed.amount }

    private var average: Amount? {
        guard !executions.isEmpty else { return state.reported?.reported?.price }
        return executed.isZero ? nil : executedNotional.divided(by: executed).amount
    }
}

extension OrderStory {
    func row(in story: SymbolStory) -> NaiveRow {
        var row = NaiveRow()
        row.set("id", text: story.rowID("executions", client.text))
        row.set("alpaca_account_label", story.account)
        row.set("client_order_id", client)
        row.set("symbol", story.symbol)
        row.set("trade_decision_id", text: decision.map { story.rowID("trade_decisions", $0.hash) })
        row.set("decision_hash", text: decision?.hash)
        row.set("decision_rank", decision?.rank)
        row.set("strategy_id", strategy)
        row.set("intent_id", sayings.compactMap(\.intent).min())
        let link = links.min { ($0.rank, $0.broker) < ($1.rank, $1.broker) }
        row.set("alpaca_order_id", link?.broker)
        row.set("alpaca_order_rank", link?.rank)
        state.set(&row)
        let attempt = sayings.compactMap(\.step?.attempt).max()
        let step = sayings.compactMap(\.step).filter { $0.attempt == attempt }.map(\.value).max()
        row.set("status", text: state.standing?.word ?? (step == 1 || step == nil ? "unknown" : "prepared"))
        row.set("route_attempt", attempt)
        row.set("route_step", step)
        row.set("filled_qty", filled)
        row.set("avg_fill_price", average)
        row.set("execution_count", executions.count)
        row.set("executions_qty", executed.amount)
        row.set("executions_notional_e9", executedNotional.amount)
        setEvidence(&row)
        row.set("replaces_client_order_id", sayings.compactMap(\.replacesClient).min())
        row.set("replaced_by_client_order_id", sayings.compactMap(\.replacedByClient).min())
        let measure = measure(in: story)
        row.set("arrival_price", measure?.price)
        row.set("arrival_decision_hash", text: measure?.hash)
        return row
    }

    private func setEvidence(_ row: inout NaiveRow) {
        let expected = ofAttempts(\.expected).first
        row.set(
            "execution_expected_adapter", text: expected.map { shown($0.value.executionExpectedAdapter) } ?? "unknown")
        row.set("execution_idempotency_key", expected?.value.executionIdempotencyKey)
        row.set("expected_attempt", expected?.attempt)
        row.set("expected_at", expected?.saying.moment)
        row.set("expected_event_id", expected?.saying.id)
        let taking = ofAttempts(\.taking).first
        row.set(
            "execution_actual_adapter", text: taking.map { shown($0.value.evidence.executionAdapter) } ?? "unknown")
        row.set("execution_route", taking?.value.route)
        row.set("execution_correlation_id", taking?.value.evidence.executionCorrelationID)
        row.set("execution_audit_json", taking?.value.audit)
        row.set("taking_attempt", taking?.attempt)
        row.set("taking_at", taking?.saying.moment)
        row.set("taking_event_id", taking?.saying.id)
        row.set("taking_fallback_reason", taking?.value.evidence.executionFallbackReason)
        let placed = ofAttempts(\.placed).last
        row.set("execution_adapter", text: placed.map { shown($0.value) } ?? "unknown")
        row.set("adapter_attempt", placed?.attempt)
        row.set("adapter_at", placed?.saying.moment)
        row.set("adapter_event_id", placed?.saying.id)
        let fallbacks = ofAttempts(\.fallback)
        row.set(
            "execution_fallback_reason",
            fallbacks.first.map(\.value.executionFallbackReason) ?? taking?.value.evidence.executionFallbackReason)
        row.set("fallback_attempt", fallbacks.first?.attempt)
        row.set("fallback_at", fallbacks.first?.saying.moment)
        row.set("fallback_event_id", fallbacks.first?.saying.id)
        let counts = fallbacks.map(\.value.executionFallbackCount)
        let takings = ofAttempts(\.taking).map(\.value.evidence.executionFallbackCount)
        row.set("execution_fallback_count", (counts + takings).max() ?? 0)
    }
}

/// What an order cost against the price its decision saw.
extension OrderStory {
    /// `nil` when there is nothing to measure, or nothing to measure against.
    func cost(in story: SymbolStory) -> NaiveRow? {
        let (terms, reported) = (state.terms?.terms, state.reported?.reported)
        guard let arrival = measure(in: story)?.price, arrival > 0, let side = terms?.side,
            !executions.isEmpty || (reported?.qty ?? 0) > 0, let filled
        else { return nil }
        var row = NaiveRow()
        row.set("alpaca_account_label", story.account)
        row.set("client_order_id", client)
        row.set("symbol", story.symbol)
        row.set("execution_id", text: story.rowID("executions", client.text))
        row.set("trade_decision_id", text: decision.map { story.rowID("trade_decisions", $0.hash) })
        row.set("strategy_id", strategy)
        let taking = ofAttempts(\.taking).first
        row.set("execution_adapter", text: taking.map { shown($0.value.evidence.executionAdapter) } ?? "unknown")
        row.set("side", side)
        row.set("arrival_price", arrival)
        row.set("avg_fill_price", average)
        row.set("filled_qty", filled)
        row.set("computed_at", sayings.filter(\.isAboutOrder).map(\.time).max())
        let sign = side == .buy ? Exact(1) : Exact(-1)
        row.set("signed_qty", (sign * Exact(of: filled)).amount)
        row.set(nulls: "arrival_notional", "slippage_bps", "shortfall_notional", "shortfall_bps")
        guard let average else { return row }
        // All in billionths of billionths of the currency.
        let notional = executions.isEmpty ? Exact(of: filled) * Exact(of: average) : executedNotional
        let seen = Exact(of: arrival) * Exact(of: filled)
        let shortfall = sign * (notional - seen)
        row.set("arrival_notional", seen.divided(by: Exact.billion).amount)
        row.set("shortfall_notional", shortfall.divided(by: Exact.billion).amount)
        let basisPoints = Exact(10_000) * Exact.billion
        if filled != 0 { row.set("slippage_bps", (shortfall * basisPoints).divided(by: seen).amount) }
        if let wanted = terms?.qty, wanted > 0 {
            row.set(
                "shortfall_bps", (shortfall * basisPoints).divided(by: Exact(of: arrival) * Exact(of: wanted)).amount)
        }
        return row
    }
}
