/// What a caller can ask of the runner, by the names of the audit and of the metrics.
enum Operation: String, Sendable, CaseIterable {
    case health
    case readiness
    case observability
    case metrics
    case submitOrder = "submit_order"
    case replaceOrder = "replace_order"
    case cancelOrder = "cancel_order"
    case cancelAllOrders = "cancel_all_orders"
    case voidOrder = "void_order"
    case getOrder = "get_order"
    case getOrderByClientOrderID = "get_order_by_client_order_id"
    case listOrders = "list_orders"
    case submitBacktest = "submit_backtest"
    case getBacktest = "get_backtest"
    case getArtifacts = "get_artifacts"
    case cancelBacktest = "cancel_backtest"
    case shadowReplay = "shadow_replay"
    case shadowSimulate = "shadow_simulate"
    case strategyShadow = "strategy_shadow"
    /// No route has this path, or none this method.
    case unrouted
}
