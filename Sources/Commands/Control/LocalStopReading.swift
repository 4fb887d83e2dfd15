public import Domain

/// What stops this process without the log: the latch file and the environment, read anew each time it is asked.
///
/// It must be cheap and never wait: it is asked for every batch of decisions, and right before the first byte of every
/// order.
public typealias LocalStopReading = @Sendable () -> LocalStop
