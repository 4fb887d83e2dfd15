import Core

/// Limits of backtests; each is a variable of the environment, see docs/backtests.md.
struct BacktestSettings: Sendable {
    /// Market data files lie below it; `nil` is the folder `market` in the runner's data folder.
    var dataFolder: String?
    /// Runs that wait; one more is refused with 429.
    var maximumQueue = 16
    /// Finished runs that are kept; the oldest go first.
    var maximumFinished = 500
    /// Bars and quotes of one run.
    var maximumEvents = 2_000_000
    /// Fills of one run: they are kept in memory until the run is written down.
    var maximumFills = 250_000
    var maximumFileBytes: Int64 = 4 << 30
    /// How long an embedded run may take.
    var timeout = Duration.seconds(3_600)

    init() {}

    init(_ reader: inout SettingsReader) {
        dataFolder = reader.text(nil, "LEAN_BACKTEST_DATA_FOLDER")
        maximumQueue = reader.number(nil, "LEAN_BACKTEST_MAX_QUEUE", or: maximumQueue, in: 1...10_000)
        maximumFinished = reader.number(nil, "LEAN_BACKTEST_MAX_FINISHED", or: maximumFinished, in: 1...100_000)
        maximumEvents = reader.number(nil, "LEAN_BACKTEST_MAX_EVENTS", or: maximumEvents, in: 1...100_000_000)
        maximumFills = reader.number(nil, "LEAN_BACKTEST_MAX_FILLS", or: maximumFills, in: 1...10_000_000)
        maximumFileBytes = Int64(
            reader.number(
                nil, "LEAN_BACKTEST_MAX_FILE_BYTES", or: Int(maximumFileBytes), in: 1...(1 << 40)))
        timeout = reader.seconds(nil, "LEAN_BACKTEST_TIMEOUT_SECONDS", or: timeout, in: 1...86_400)
    }
}
