internal import Core
public import Postgres

/// Finds an order's names and symbol through the read models, so that only its own partitions are read.
///
/// It is a short cut and no more: what the read models do not have, or not yet, is looked for on the log.
public enum StoryHints {
    /// `nil` when no row has the id, or the read models cannot be asked.
    ///
    /// It holds its thread until it knows: a command may do that, a server may not.
    public static func find(_ id: String, in settings: PostgresSettings) -> StorySearch.Hint? {
        do throws(PostgresError) { return try ask(id, settings) } catch { return nil }
    }

    /// The same on a session of a pool: nothing that others need waits meanwhile.
    static func find(_ id: String, by pool: SessionPool) async -> StorySearch.Hint? {
        do throws(PostgresError) {
            return try await pool.use { session throws(PostgresError) in try ask(id, &session) }
        } catch { return nil }
    }

    /// Whoever only wants a short cut is patient for moments.
    static func hasty(_ given: PostgresSettings) -> PostgresSettings {
        var settings = given
        settings.connectTimeout = .seconds(2)
        settings.statementTimeout = .seconds(5)
        settings.answerTimeout = .seconds(6)
        return settings
    }

    private static func ask(_ id: String, _ given: PostgresSettings) throws(PostgresError) -> StorySearch.Hint? {
        var session = try Session(hasty(given))
        return try ask(id, &session)
    }

    private static func ask(_ id: String, _ session: inout Session) throws(PostgresError) -> StorySearch.Hint? {
        var parameters = Parameters()
        parameters.append(id)
        for sql in queries {
            let rows = try session.query(.sql(sql), parameters).rows
            guard rows.count > 0, let symbol = rows.text(0, 0) else { continue }
            var names: Set<String> = []
            for row in 0..<rows.count {
                for column in 1..<rows.columns { if let name = rows.text(row, column) { names.insert(name) } }
            }
            // One id that names orders of several symbols is looked for on the whole log.
            let isOne = (0..<rows.count).allSatisfy { rows.text($0, 0) == symbol }
            return StorySearch.Hint(names: names, symbol: isOne ? symbol : nil)
        }
        return nil
    }

    private static let queries = [
        """
        SELECT symbol, decision_hash, intent_id::text, client_order_id FROM trade_decisions
        WHERE decision_hash = $1 OR client_order_id = $1 OR intent_id::text = $1 LIMIT 16
        """,
        """
        SELECT symbol, decision_hash, client_order_id, alpaca_order_id FROM executions
        WHERE client_order_id = $1 OR alpaca_order_id = $1 OR id::text = $1 LIMIT 16
        """,
    ]
}

extension Settings {
    /// Whether a database is named at all.
    public var namesDatabase: Bool { PostgresSettings.variables.contains { environment[$0] != nil } }
}
