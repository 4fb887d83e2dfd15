import Backtesting

/// How much a result proves, said plainly with every result.
enum BacktestAuthority {
    /// The embedded engine never speaks for LEAN: what it finds is no ground for a promotion.
    static func embedded(isRecorded: Bool) -> Document {
        .object([
            "engine": .string(ReportText.engine), "engine_version": .string(ReportText.engineVersion),
            "is_lean": .bool(false),
            "data": .string(isRecorded ? "recorded_by_this_system" : "given_by_whoever_asked"),
            "promotion_authority_eligible": .bool(false),
            "note": .string("computed by the runner's embedded engine, not by LEAN"),
        ])
    }

    static let launched: Document = .object([
        "engine": .string("launcher"), "is_lean": .null, "data": .string("known_to_the_launched_program"),
        "promotion_authority_eligible": .bool(false),
        "note": .string("computed by the program of LEAN_LAUNCHER_COMMAND; the runner did not verify it"),
    ])

    static let upstream: Document = .object([
        "engine": .string("upstream"), "is_lean": .null, "data": .string("known_to_the_upstream"),
        "promotion_authority_eligible": .bool(false),
        "note": .string("computed by TRADING_LEAN_BACKTEST_UPSTREAM_URL; the runner did not verify it"),
    ])
}
