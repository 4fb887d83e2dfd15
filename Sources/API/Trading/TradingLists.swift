/// Rows of a day, or all of a kind, in the original's envelope.
struct TradingList: Sendable {
    let projection: String
    let columns: [ReadColumn]
    /// Everything behind `SELECT …`; of a day's list `bounds` is the day.
    let from: String
    let isOfDay: Bool

    /// More are not told in one answer.
    static let maximum = 2_000

    var sql: String {
        let columns = columns.map(\.selected).joined(separator: ", ")
        let bounds = isOfDay ? "WITH bounds AS \(TradingDay.bounds) " : ""
        return "\(bounds)SELECT \(columns) FROM \(from) LIMIT \(Self.maximum)"
    }
}

enum TradingLists {
    /// Orders of which something was filled.
    static let executions = TradingList(
        projection: "executions", columns: ExecutionsList.columns,
        from: """
            bounds, executions AS row \(ExecutionsList.joins)
            WHERE row.created_at >= since AND row.created_at < until AND row.filled_qty > 0
                AND (strategy IS NULL OR row.strategy_id = strategy)
            ORDER BY row.created_at DESC, row.id DESC
            """, isOfDay: true)

    /// Decisions that did not become orders, with all reasons.
    static let decisions = TradingList(
        projection: "trade_decisions", columns: DecisionsList.list.columns,
        from: """
            bounds, trade_decisions AS row
            WHERE row.created_at >= since AND row.created_at < until AND row.status IN ('rejected', 'blocked')
                AND (strategy IS NULL OR row.strategy_id = strategy)
            ORDER BY row.created_at DESC, row.id DESC
            """, isOfDay: true)

    static let strategies = TradingList(
        projection: "strategies",
        columns: [
            ReadColumn("id", .uuid), ReadColumn("strategy_id"), ReadColumn("enabled", .boolean),
            ReadColumn("definition_hash"), ReadColumn("definition", .json, sql: "row.definition_json"),
            ReadColumn("actor"), ReadColumn("reason"), ReadColumn("enabled_at", .timestamp),
            ReadColumn("disabled_at", .timestamp), ReadColumn("created_at", .timestamp),
            ReadColumn("updated_at", .timestamp),
        ], from: "strategies AS row ORDER BY row.strategy_id COLLATE \"C\"", isOfDay: false)
}
