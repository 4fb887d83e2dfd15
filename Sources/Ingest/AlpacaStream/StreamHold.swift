internal import Core
internal import Synchronization
internal import Threading

/// How long the word counts that says the stream is ours: whoever listens obeys its end.
///
/// A process that cannot renew its word does not know whether another one has taken over.
final class StreamHold: Sendable {
    private let end = Mutex<Duration?>(nil)
    private let renewals = Arrivals()
    private let time: any TimeSource

    init(_ time: any TimeSource) { self.time = time }

    /// A word that ends at this moment of the clock that never goes back is durable.
    func holds(until moment: Duration?) {
        end.withLock { $0 = moment }
        renewals.wake()
    }

    /// What is left of it; nothing when it is over.
    var left: Duration { end.withLock { end in end.map { max(.zero, $0 - time.uptime()) } ?? .zero } }

    /// Returns when it is over; false when cancelled before.
    func ended() async -> Bool {
        while !Task.isCancelled {
            let left = left
            guard left > .zero else { return true }
            // A wait that is cancelled was not needed.
            do { try await Task.sleep(for: left) } catch { return false }
        }
        return false
    }

    /// Returns when it is ours; false when cancelled before.
    func begins() async -> Bool {
        while !Task.isCancelled {
            let seen = renewals.count
            guard left == .zero else { return true }
            await renewals.wait(after: seen, until: .now + .seconds(60))
        }
        return false
    }
}
