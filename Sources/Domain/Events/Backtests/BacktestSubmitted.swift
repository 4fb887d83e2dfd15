/// A backtest was asked for.
public struct BacktestSubmitted: Payload {
    @inlinable public static var type: EventType { .backtests(.backtestSubmitted) }

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
