import Core
import Domain
import Synchronization

/// Orders whose absence was proved a short while ago: a broker that kept a request waiting for long can still make one.
final class AbsenceWatch: Sendable {
    private struct Watched {
        let since: Duration
        var lastLook: Duration
    }

    /// How long they are looked up.
    static let span = Duration.seconds(600)
    /// The latest are kept; an outage that leaves more has been noticed by then.
    static let maximum = 1_000
    static let shortest = Duration.seconds(2)
    static let longest = Duration.seconds(30)

    private let watched = Mutex<[ClientOrderID: Watched]>([:])

    func add(_ id: ClientOrderID, at now: Duration) {
        watched.withLock { watched in
            if watched.count >= Self.maximum, let oldest = watched.min(by: { $0.value.since < $1.value.since })?.key {
                watched[oldest] = nil
            }
            watched[id] = Watched(since: now, lastLook: now)
        }
    }

    func drop(_ id: ClientOrderID) { watched.withLock { $0[id] = nil } }

    /// Those to look up now, the longest waiting first; each counts as looked up.
    func due(at now: Duration, atMost count: Int) -> [ClientOrderID] {
        watched.withLock { watched in
            watched = watched.filter { now - $0.value.since < Self.span }
            let due = watched.filter { now - $0.value.lastLook >= Self.interval(age: now - $0.value.since) }
                .sorted { $0.value.lastLook < $1.value.lastLook }.prefix(count).map(\.key)
            for id in due { watched[id]?.lastLook = now }
            return due
        }
    }

    private static func interval(age: Duration) -> Duration { min(max(shortest, age / 4), longest) }
}
