/// A backtest has a result.
public struct BacktestCompleted: Payload {
    @inlinable public static var type: EventType { .backtests(.backtestCompleted) }

    public var run: BacktestRun

    @inlinable
    public init(run: BacktestRun) {
        self.run = run
    }

    @inlinable
    public init(unread: Unread) {
        run = unread()
    }

    @inlinable
    public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try run.walk(&fields)
    }
}
