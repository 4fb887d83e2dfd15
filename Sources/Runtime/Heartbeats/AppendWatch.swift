internal import Core
internal import Synchronization

/// How the log takes this process's heartbeats: a log that is away is seen by who appends to it every few seconds.
public final class AppendWatch: Sendable {
    struct Standing: Sendable, Equatable {
        /// When the append that is under way began; `nil` when none is.
        var began: Timestamp?
        var endedAt: Timestamp?
        var took: Duration?
        var fault: String?
        var isUsed = false
    }

    private let standing = Mutex(Standing())

    var now: Standing { standing.withLock { $0 } }

    func begin(at moment: Timestamp) {
        standing.withLock { standing in
            standing.isUsed = true
            standing.began = moment
        }
    }

    func end(at moment: Timestamp, took: Duration, fault: String?) {
        standing.withLock { standing in
            standing.began = nil
            standing.fault = fault
            guard fault == nil else { return }
            (standing.endedAt, standing.took) = (moment, took)
        }
    }
}
