import Core

/// A clock that stands still.
struct HeldClock: TimeSource {
    func now() -> Timestamp { Timestamp(nanoseconds: 1_770_000_000_000_000_000) }
    func uptime() -> Duration { .zero }
}
