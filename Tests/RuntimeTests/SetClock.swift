import Core
import Synchronization

/// A clock that says what it was told, and counts from there.
final class SetClock: TimeSource {
    private let moment = Mutex(Timestamp.epoch)

    func now() -> Timestamp { moment.withLock { $0 } }
    func uptime() -> Duration { now().since(.epoch) }
    func set(_ moment: Timestamp) { self.moment.withLock { $0 = moment } }
    func pass(_ time: Duration) { moment.withLock { $0 = $0.advanced(by: time) ?? .latest } }
}
