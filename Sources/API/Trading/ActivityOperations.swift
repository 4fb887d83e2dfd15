internal import HTTPServer
internal import Postgres

/// How much was going on lately, minute by minute.
public enum ActivityOperations {
    public static func all(_ desk: ReadDesk) -> [Operation] {
        [
            Operation(
                .get, "/trading/activity", id: "getActivity",
                "Decisions, orders, routes, fallbacks and fills of the last minutes, each minute by itself.",
                parameters: [
                    Parameter(
                        "minutes", .integer(1...Int64(TradingActivity.maximumMinutes)),
                        "So many, the current one included; \(TradingActivity.defaultMinutes) unless it is said.")
                ],
                answers: [
                    Operation.Answer(
                        200, "As it is now.", TradingActivity.shape,
                        headers: [
                            Operation.Header(
                                ReadDesk.position, "How far `executions` and `trade_decisions` had folded each input."),
                            Operation.Header("Cache-Control", "It is of this moment."),
                        ])
                ], problems: [.databaseUnavailable, .notReady]
            ) { try await desk.activity($0) }
        ]
    }
}

extension ReadDesk {
    /// Both read models at one moment, so that the numbers belong together.
    func activity(_ call: Call) async throws -> HTTPServerResponse {
        let minutes = call.integer("minutes") ?? TradingActivity.defaultMinutes
        let found = try await ask { session throws(PostgresError) in
            try TradingActivity.read(over: minutes, &session)
        }
        guard let found else { throw Self.notServing("executions") }
        var response = HTTPServerResponse.json(found.body)
        response.headers += [(name: Self.position, value: found.place), (name: "Cache-Control", value: "no-store")]
        return response
    }
}
