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

    /// By which names results claim to prove something.
    static let claims: Set<String> = [
        "authority", "authority_mode", "artifact_authority", "promotion_authority", "promotion_authority_eligible",
    ]

    /// What a stranger says without what he says it proves, at any depth.
    static func withoutClaims(_ document: Document) -> Document {
        switch document {
        case .object(let fields):
            .object(
                fields.filter { !claims.contains($0.name) }
                    .map { Document.Field($0.name, withoutClaims($0.value)) })
        case .array(let list): .array(list.map { withoutClaims($0) })
        case .string, .number, .bool, .null: document
        }
    }

    static let upstream: Document = .object([
        "engine": .string("upstream"), "is_lean": .null, "data": .string("known_to_the_upstream"),
        "promotion_authority_eligible": .bool(false),
        "note": .string("computed by TRADING_LEAN_BACKTEST_UPSTREAM_URL; the runner did not verify it"),
    ])
}
