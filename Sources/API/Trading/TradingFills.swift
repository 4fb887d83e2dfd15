internal import Core
internal import Postgres

/// Fills as the read models have them: each slice once, and an order's sum where its slices were never told.
enum TradingFills {
    /// More are not reckoned with in one answer.
    static let maximum: Int64 = 100_000

    /// Fills up to the end of the day of everything that was traded in it, from when it was last flat before the day.
    ///
    /// What lies before a moment at which nothing was held has no bearing on what comes after it.
    static let sql = """
        WITH bounds AS \(TradingDay.bounds), fills AS (
            SELECT fill.alpaca_account_label AS account, fill.symbol, row.side, row.strategy_id,
                fill.effective_qty AS qty, fill.effective_price AS price, fill.execution_id AS tie,
                coalesce(fill.filled_at, fill.corrected_at, fill.created_at) AS moment,
                row.client_order_id IS NULL AS unlinked
            FROM execution_fills AS fill LEFT JOIN executions AS row
                ON row.alpaca_account_label = fill.alpaca_account_label AND row.symbol = fill.symbol
                AND row.client_order_id = fill.client_order_id
            WHERE NOT fill.is_busted AND fill.effective_qty > 0
            UNION ALL
            SELECT alpaca_account_label, symbol, side, strategy_id, filled_qty, avg_fill_price, client_order_id,
                coalesce(reported_at, last_update_at, created_at), false
            FROM executions WHERE execution_count = 0 AND filled_qty > 0
        ), chosen AS (
            SELECT fills.*, CASE WHEN side LIKE 'buy%' THEN qty WHEN side LIKE 'sell%' THEN -qty END AS signed
            FROM fills, bounds
            WHERE moment < until AND (strategy IS NULL OR strategy_id = strategy OR unlinked)
        ), traded AS (
            SELECT DISTINCT account, symbol FROM chosen, bounds WHERE moment >= since
        ), counted AS (
            SELECT chosen.*, row_number() OVER story AS number, sum(signed) OVER story AS held
            FROM chosen JOIN traded USING (account, symbol)
            WINDOW story AS (PARTITION BY account, symbol ORDER BY moment, tie COLLATE "C")
        ), flat AS (
            SELECT account, symbol, max(number) AS number FROM counted, bounds
            WHERE held = 0 AND moment < since GROUP BY account, symbol
        )
        SELECT account, symbol, signed::text, price::text,
            (extract(epoch FROM moment) * 1000000)::bigint, unlinked
        FROM counted LEFT JOIN flat USING (account, symbol)
        WHERE counted.number > coalesce(flat.number, 0)
        ORDER BY account COLLATE "C", symbol COLLATE "C", counted.number LIMIT \(maximum + 1)
        """

    /// Orders of which the broker said that more was filled than its slices come to, those that were busted included:
    /// of holdings that were traded in the day, up to its end.
    static let untold = """
        WITH bounds AS \(TradingDay.bounds), traded AS (
            SELECT DISTINCT fill.alpaca_account_label AS account, fill.symbol FROM execution_fills AS fill, bounds
            WHERE coalesce(fill.filled_at, fill.corrected_at, fill.created_at) >= since
                AND coalesce(fill.filled_at, fill.corrected_at, fill.created_at) < until
        ), missing AS (
            SELECT row.reported_filled_qty - sum(greatest(coalesce(fill.filled_qty, 0), fill.effective_qty)) AS qty
            FROM bounds CROSS JOIN executions AS row
                JOIN traded ON traded.account = row.alpaca_account_label AND traded.symbol = row.symbol
                JOIN execution_fills AS fill ON fill.alpaca_account_label = row.alpaca_account_label
                    AND fill.symbol = row.symbol AND fill.client_order_id = row.client_order_id
            WHERE row.execution_count > 0 AND row.reported_filled_qty > row.filled_qty AND row.created_at < until
                AND (strategy IS NULL OR row.strategy_id = strategy)
            GROUP BY row.alpaca_account_label, row.symbol, row.client_order_id, row.reported_filled_qty
        )
        SELECT count(*), coalesce(sum(qty), 0)::text FROM missing WHERE qty > 0
        """

    struct Reading {
        var outcome: ProfitAndLoss
        /// Fills of orders whose side or price nobody told.
        var unpriced: Int64 = 0
        /// Fills of orders that nobody knows.
        var unlinked: Int64 = 0
        /// Orders with slices that were never told, and how much these come to.
        var untold: (orders: Int64, quantity: String) = (0, "0")
        var isCut = false
    }

    static func fold(_ rows: Rows, from micros: Int64) -> Reading {
        var reading = Reading(outcome: ProfitAndLoss(from: micros))
        reading.isCut = rows.count > maximum
        for row in 0..<min(rows.count, Int(maximum)) {
            guard rows.bool(row, 5) != true else {
                reading.unlinked += 1
                continue
            }
            guard let signed = amount(rows, row, 2), let price = amount(rows, row, 3) else {
                reading.unpriced += 1
                continue
            }
            reading.outcome.take(
                ProfitAndLoss.Fill(
                    key: ProfitAndLoss.Key(account: rows.text(row, 0) ?? "", symbol: rows.text(row, 1) ?? ""),
                    micros: rows.integer(row, 4) ?? 0, signed: signed, price: price))
        }
        return reading
    }

    private static func amount(_ rows: Rows, _ row: Int, _ column: Int) -> Amount? {
        guard let text = rows.text(row, column) else { return nil }
        // The read model holds none but amounts.
        do { return try Amount(text) } catch { return nil }
    }
}
