/// Backtests; each event carries the run's whole state.
///
/// Payloads are boxed: an event is then small, and cheap to pass on, whatever it holds.
public indirect enum Backtests: Sendable, Equatable {
    case backtestSubmitted(BacktestSubmitted)
    case backtestStarted(BacktestStarted)
    case backtestCompleted(BacktestCompleted)
    case backtestFailed(BacktestFailed)

    /// The names of the types: storage format, never changed.
    public enum Kind: String, Sendable, CaseIterable {
        case backtestSubmitted = "backtest.submitted"
        case backtestStarted = "backtest.running"
        case backtestCompleted = "backtest.completed"
        case backtestFailed = "backtest.failed"
    }

    @inlinable
    public var kind: Kind {
        switch self {
        case .backtestSubmitted: .backtestSubmitted
        case .backtestStarted: .backtestStarted
        case .backtestCompleted: .backtestCompleted
        case .backtestFailed: .backtestFailed
        }
    }

    @inlinable
    static func read<Source: PayloadSource & ~Copyable & ~Escapable>(
        _ kind: Kind, from source: inout Source
    ) throws(Source.Failure) -> Self {
        switch kind {
        case .backtestSubmitted: .backtestSubmitted(try source.payload())
        case .backtestStarted: .backtestStarted(try source.payload())
        case .backtestCompleted: .backtestCompleted(try source.payload())
        case .backtestFailed: .backtestFailed(try source.payload())
        }
    }

    @inlinable
    func show<Viewer: PayloadViewer & ~Copyable & ~Escapable>(to viewer: inout Viewer) throws(Viewer.Failure) {
        switch self {
        case .backtestSubmitted(let payload): try viewer.view(payload)
        case .backtestStarted(let payload): try viewer.view(payload)
        case .backtestCompleted(let payload): try viewer.view(payload)
        case .backtestFailed(let payload): try viewer.view(payload)
        }
    }
}
