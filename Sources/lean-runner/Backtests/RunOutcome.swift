import Backtesting

/// What came of one attempt.
struct RunOutcome: Sendable {
    var result: Document
    var files: [ReplayArtifacts.File]
    var replayHash: String
    var isDeterministic: Bool
    var authorityMode: String
}

/// Why an attempt gave nothing.
struct RunFailure: Error, Sendable {
    let taxonomy: String
    let reason: String

    init(_ reason: String) { self.init("backtest_failed", reason) }

    init(_ taxonomy: String, _ reason: String) {
        self.taxonomy = taxonomy
        self.reason = String(reason.prefix(500))
    }
}
