internal import Postgres

/// Everything that is read from the read models.
public enum ReadOperations {
    public static func all(_ desk: ReadDesk) -> [Operation] {
        [
            list("/trading/executions", "listExecutions", "Orders, newest first.", ExecutionsList.list, desk),
            list("/trading/decisions", "listDecisions", "Decisions, newest first.", DecisionsList.list, desk),
            list("/trading/discrepancies", "listDiscrepancies", "What does not fit.", DiscrepanciesList.list, desk),
            list("/trading/quarantine", "listQuarantine", "Records that wait.", QuarantineList.list, desk),
            list(
                "/trading/lean/canary/incidents", "listCanaryIncidents", "Breaches of the canary.",
                CanaryIncidentsList.list, desk),
            list(
                "/trading/lean/canary/verdicts", "listCanaryVerdicts",
                "What the gate said of each limit, newest first.",
                CanaryVerdictsList.list, desk),
            list(
                "/trading/lean/rollout", "listRolloutSteps", "The steps of LEAN's rollouts, newest first.",
                RolloutStepsList.list, desk),
            list(
                "/trading/strategy-shadow", "listStrategyShadow", "What LEAN's strategies would have decided.",
                StrategyShadowList.list, desk),
            list("/trading/control/state", "listControlState", "What is in force.", ControlStateList.list, desk),
            list(
                "/trading/control/history", "listControlHistory", "Everything that was said on control.",
                ControlHistoryList.list, desk),
            list("/trading/strategies", "listStrategies", "Which strategies may trade.", StrategiesList.list, desk),
            list("/trading/lean/backtests", "listBacktests", "Backtests, newest first.", BacktestsList.list, desk),
            decisions(desk), discrepancies(desk), waiting(desk),
            item(
                "/trading/discrepancies/{id}", "getDiscrepancy", "One discrepancy, with its evidence.",
                Parameter("id", in: .path, .uuid, "The discrepancy's id in the list."), ReadItems.discrepancy,
                missing: "no discrepancy has this id", desk),
            item(
                "/trading/lean/canary/incidents/{id}", "getCanaryIncident", "One incident, with its evidence.",
                Parameter("id", in: .path, .name(maximum: 128), "The incident's key, or its id in the list."),
                ReadItems.incident, missing: "there is no such incident", desk),
            item(
                "/trading/executions/{id}", "getExecution", "One order, with its fills.",
                Parameter("id", in: .path, .uuid, "The order's id in the list."), ReadItems.execution,
                missing: "no order has this id", desk),
            item(
                "/trading/lean/backtests/{id}", "getBacktest", "One backtest.",
                Parameter("id", in: .path, .name(maximum: 64), "The backtest's id."), ReadItems.backtest,
                missing: "lean_backtest_not_found", desk),
            parity(desk),
            Operation(
                .get, "/db-check", id: "checkDatabase", "Does the database answer, and what serves in it.",
                answers: [Operation.Answer(200, "It answers.", Report.shape)],
                problems: [.databaseUnavailable, .notReady]
            ) { _ in try await desk.check() },
        ]
    }

    static let position = Operation.Header(
        ReadDesk.position, "How far the read model had folded each input, partition by partition.")
    static let standing = [
        position, Operation.Header("ETag", "Changes when the position does."),
        Operation.Header("Cache-Control", "Ask again each time."),
    ]
    static let unchanged = Operation.Answer(304, "Nothing has changed since.", .any, headers: standing)

    /// Of an answer that may depend on the hour: only with both ends said it has an ETag.
    static let passing = [
        position, Operation.Header("ETag", "Where both ends are said: changes when the position does.", always: false),
        Operation.Header("Cache-Control", "Ask again each time."),
    ]

    private static func list(
        _ path: String, _ id: String, _ summary: String, _ list: ReadList, _ desk: ReadDesk
    ) -> Operation {
        Operation(
            .get, path, id: id, summary, parameters: list.parameters,
            answers: [
                Operation.Answer(
                    200, "A page; Torghut-Next-Cursor names the next one.", list.shape,
                    headers: standing + [
                        Operation.Header("Torghut-Next-Cursor", "The cursor of the next page.", always: false)
                    ]), unchanged,
            ],
            problems: [.databaseUnavailable, .notReady]
        ) { try await desk.page(list, $0) }
    }

    private static func item(
        _ path: String, _ id: String, _ summary: String, _ parameter: Parameter, _ item: ReadItem, missing: String,
        _ desk: ReadDesk
    ) -> Operation {
        Operation(
            .get, path, id: id, summary, parameters: [parameter],
            answers: [Operation.Answer(200, "As it is now.", item.shape, headers: standing), unchanged],
            problems: [.notFound, .databaseUnavailable, .notReady]
        ) { call in
            var parameters = Parameters()
            parameters.append(call.part(parameter.name))
            return try await desk.item(item, parameters, missing: missing, call)
        }
    }

    private static func parity(_ desk: ReadDesk) -> Operation {
        Operation(
            .get, "/trading/lean/shadow/parity", id: "getShadowParity", "How far LEAN's shadow was from what happened.",
            parameters: [
                Parameter("lookback_hours", .integer(1...168), "Over so many hours; 24 unless it is said.")
            ],
            answers: [Operation.Answer(200, "In sum.", ReadItems.parity.shape, headers: [position])],
            problems: [.notFound, .databaseUnavailable, .notReady]
        ) { call in
            var parameters = Parameters()
            parameters.append(call.integer("lookback_hours") ?? 24)
            return try await desk.item(ReadItems.parity, parameters, missing: "nothing to compare", call)
        }
    }
}
