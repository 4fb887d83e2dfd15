/// Where the time comes from: a real clock outside `Core`, a hand-moved one in tests.
public protocol TimeSource: Sendable {
    /// The time of day. It may be set back or forth by whoever keeps the machine's clock.
    func now() -> Timestamp

    /// Time since some fixed moment, which never goes back: for measuring how long things take.
    func uptime() -> Duration
}
