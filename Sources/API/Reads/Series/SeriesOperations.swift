public import Core
internal import Postgres

/// The read models in sum over stretches of time: what pictures are drawn from.
public enum SeriesOperations {
    public static func all(_ desk: ReadDesk, _ time: any TimeSource) -> [Operation] {
        [
            series(
                "/trading/lean/share", "getLeanShare", "Which route took the orders, over time.", GateSeries.share,
                desk, time),
            series(
                "/trading/lean/slippage", "getLeanSlippage", "What fills cost by route, over time.",
                GateSeries.slippage, desk, time),
            series(
                "/trading/lean/canary/limits", "getCanaryLimit",
                "One limit of the canary over time: what was measured, and the limit in force.", GateSeries.limit,
                desk, time),
            series(
                "/trading/lean/shadow/drift", "getShadowDrift", "How many shadows drift, over time.",
                ParitySeries.drift, desk, time),
            distribution(desk, time),
        ]
    }

    private static func series(
        _ path: String, _ id: String, _ summary: String, _ series: ReadSeries, _ desk: ReadDesk,
        _ time: any TimeSource
    ) -> Operation {
        Operation(
            .get, path, id: id, summary, parameters: series.parameters,
            answers: [
                Operation.Answer(
                    200, "In sum, bucket by bucket.", series.shape, headers: ReadOperations.passing),
                ReadOperations.unchanged,
            ], problems: [.databaseUnavailable, .notReady]
        ) { call in try await desk.series(series, call, at: time.now()) }
    }

    private static func distribution(_ desk: ReadDesk, _ time: any TimeSource) -> Operation {
        Operation(
            .get, "/trading/lean/shadow/distribution", id: "getShadowDistribution",
            "How the differences between real and simulated fills are spread.",
            parameters: Stretch.bounds + [
                Parameter("width_bps", .choice(ParitySeries.widths), "Of a bin; 1 unless it is said.")
            ],
            answers: [
                Operation.Answer(200, "In sum.", ParitySeries.distribution.shape, headers: [ReadOperations.position])
            ], problems: [.notFound, .databaseUnavailable, .notReady]
        ) { call in
            var parameters = try Stretch(call, at: time.now(), isCut: false).ends
            parameters.append(call.text("width_bps") ?? "1")
            return try await desk.item(ParitySeries.distribution, parameters, missing: "nothing was judged", call)
        }
    }
}
