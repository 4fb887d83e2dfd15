/// What the control plane asks of trading, where the original has it.
public enum TradingOperations {
    public static func all(_ desk: ReadDesk) -> [Operation] {
        [
            operation(
                "strategies", "listTradingStrategies",
                "Which strategies may trade; also a probe of the database's TLS.",
                rows(TradingLists.strategies)
            ) { try await desk.list(TradingLists.strategies, $0) },
            operation(
                "summary", "getTradingSummary", "A day in sum, with what its trades came to.", TradingSummary.shape,
                TradingDay.parameters
            ) { try await desk.summary($0) },
            operation(
                "executions", "listTradingExecutions", "Orders of a day of which something was filled.",
                rows(TradingLists.executions), TradingDay.parameters
            ) { try await desk.list(TradingLists.executions, $0) },
            operation(
                "decisions", "listTradingDecisions", "Decisions of a day that did not become orders.",
                rows(TradingLists.decisions), TradingDay.parameters
            ) { try await desk.list(TradingLists.decisions, $0) },
        ]
    }

    private static func rows(_ list: TradingList) -> Shape {
        .object(
            [
                Shape.Field("ok", .boolean),
                Shape.Field(
                    "items",
                    .list(.object(list.columns.map(\.field), isClosed: true), maximum: TradingList.maximum)),
            ], isClosed: true)
    }

    private static func operation(
        _ name: String, _ id: String, _ summary: String, _ shape: Shape, _ parameters: [Parameter] = [],
        run: @escaping Operation.Body
    ) -> Operation {
        Operation(
            .get, "/api/torghut/trading/\(name)", id: id, summary, parameters: parameters,
            answers: [
                Operation.Answer(200, "As it is now.", shape),
                Operation.Answer(304, "Nothing has changed since.", .any),
            ], problems: [.databaseUnavailable, .notReady], run: run)
    }
}
