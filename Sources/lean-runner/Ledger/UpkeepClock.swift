import Core

/// The time by which the ledger forgets: never further than the program has lived since its newest record.
///
/// A machine's clock that is set a week ahead, and back again, must not cost the keys of a week.
struct UpkeepClock: Sendable {
    /// How far ahead of the newest record a start may be believed to be.
    static let slack = Duration.seconds(3_600)

    private let time: any TimeSource
    private let newest: Timestamp
    private let start: Duration

    init(_ time: any TimeSource, newest: Timestamp?) {
        self.time = time
        self.newest = newest ?? time.now()
        start = time.uptime()
    }

    func now() -> Timestamp {
        min(time.now(), newest.advanced(by: Self.slack + time.uptime() - start) ?? .latest)
    }
}
