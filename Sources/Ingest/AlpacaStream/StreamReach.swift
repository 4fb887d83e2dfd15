internal import Core
internal import Synchronization

/// Up to which of the broker's moments everything is on the log: where the next gap begins.
///
/// It moves only with what is durable: with updates of a connection whose own gap is closed, and with the closing of a
/// gap. What comes beside an open gap proves nothing of the time before it.
final class StreamReach: Sendable {
    private struct State {
        var until: Timestamp?
        /// The connection before which nothing is missing.
        var whole = 0
        var hasAskedAll = false
    }

    private let state: Mutex<State>

    init(until: Timestamp?) { state = Mutex(State(until: until)) }

    var until: Timestamp? { state.withLock { $0.until } }

    /// Where the gap of a new connection begins, and whether this process has never asked for everything.
    func begin(_ now: Timestamp, lookingBack lookback: Duration) -> (Timestamp, isFirst: Bool) {
        state.withLock { state in
            let from = state.until ?? now.advanced(by: .zero - lookback) ?? .earliest
            return (min(from, now), !state.hasAskedAll)
        }
    }

    func hasAskedAll() { state.withLock { $0.hasAskedAll = true } }

    /// Takes in what became durable, in its order; the answer is the connection whose gap was closed, if one was.
    func take(_ items: [StreamBuffer.Item]) -> Int? {
        state.withLock { state in
            var closed: Int?
            for item in items {
                switch item.origin {
                case .rest: continue
                case .closing:
                    state.whole = item.connection
                    closed = item.connection
                case .stream: guard state.whole == item.connection else { continue }
                }
                if let time = item.time { state.until = max(state.until ?? time, time) }
            }
            return closed
        }
    }
}
