import Backtesting
import Core
import Engine

/// A configuration of the embedded engine, read and checked: what to read, and what to run over it.
struct BacktestPlan: Sendable {
    struct Source: Sendable, Equatable {
        enum Format: String, Sendable, CaseIterable {
            case csv
            case jsonLines = "json_lines"
            case archive
            case log
        }

        let path: String
        let format: Format
        let kind: MarketKind
        /// What the file must hash to, where the configuration says it.
        let sha256: String?
        let topic: String
    }

    var symbols: [Symbol] = []
    var sources: [Source] = []
    var settings = ReplaySettings()
    var strategies: [Strategy] = []
    var script: [ScriptedOrder] = []

    /// Limits of what a configuration may ask.
    static let maximumSymbols = 64
    static let maximumSources = 64
    static let maximumStrategies = 32
    static let maximumOrders = 10_000
    static let maximumEquityPoints: Int64 = 10_000
}
