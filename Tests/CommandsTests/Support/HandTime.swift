import Core
import Synchronization

/// A clock that stands still until a test moves it.
final class HandTime: TimeSource {
    static let start = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    private let passed = Mutex(Duration.zero)

    func now() -> Timestamp { Self.start.advanced(by: uptime()) ?? .latest }
    func uptime() -> Duration { passed.withLock { $0 } }
    func move(_ by: Duration) { passed.withLock { $0 += by } }
}
