import Commands
import Core
import Folding
import Synchronization
import Testing
import Threading

/// Hears what a handler does, and lets a test wait for it.
final class CommandWatch: CommandObserver {
    struct Heard {
        var counts = AnswerCounts()
        var commits = 0
        var ready: [(records: Int, fromSnapshot: Bool)] = []
        var discarded: [SnapshotRefusal] = []
        var saved = 0
        var unreadable: [(place: RecordPosition, holds: Bool)] = []
        /// What is said to hold everything back, as it changed.
        var holds: [String?] = []
        var retries = 0
        var isFenced = false
    }

    private let heard = Mutex(Heard())
    private let arrivals = Arrivals()
    private let askedFor = Mutex(0)

    /// Counts what a test asks for.
    func asked(_ more: Int) -> Int {
        askedFor.withLock { asked in
            asked += more
            return asked
        }
    }

    var now: Heard { heard.withLock { $0 } }

    func committed(_ batch: AnswerCounts, took: Duration) {
        heard.withLock { heard in
            heard.commits += 1
            heard.counts.intents += batch.intents
            heard.counts.rejected += batch.rejected
            heard.counts.blocked += batch.blocked
            heard.counts.conflicted += batch.conflicted
            heard.counts.repeated += batch.repeated
            heard.counts.parked += batch.parked
        }
        arrivals.wake()
    }

    func noted(_ note: CommandNote) {
        heard.withLock { heard in
            switch note {
            case .ready(let records, let fromSnapshot, _): heard.ready.append((records, fromSnapshot))
            case .snapshotDiscarded(let why): heard.discarded.append(why)
            case .snapshotSaved: heard.saved += 1
            case .snapshotFailed(let why): Issue.record("no snapshot: \(why)")
            case .unreadable(let record, let hold):
                heard.unreadable.append((record.position, hold != nil))
                heard.holds.append(hold)
            case .settled(let hold): heard.holds.append(hold)
            case .control, .restarting: break
            case .retrying: heard.retries += 1
            case .fenced: heard.isFenced = true
            }
        }
        arrivals.wake()
    }

    /// Returns when it is so; fails after a long time.
    func wait(_ what: String, until isSo: (Heard) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let seen = arrivals.count
            if isSo(now) { return }
            try #require(ContinuousClock.now < deadline, "waited too long for \(what): \(now)")
            await arrivals.wait(after: seen, until: deadline)
        }
    }
}
