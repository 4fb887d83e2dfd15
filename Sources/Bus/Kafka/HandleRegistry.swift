internal import Core
internal import Synchronization

/// The handles a log gave out, so that closing the log ends them; a handle that is gone is no longer held.
final class HandleRegistry: Sendable {
    private struct Entry: Sendable {
        let close: @Sendable () async -> Void
        let isAlive: @Sendable () -> Bool
    }

    private struct State {
        var entries: [Entry] = []
        var isClosed = false
    }

    private let state = Mutex(State())

    func checkOpen(_ operation: LogError.Operation) throws(LogError) {
        guard !state.withLock({ $0.isClosed }) else { throw LogError(operation, .closed) }
    }

    /// Takes a handle in; one that was opened while the log closed is ended at once.
    func adopt(_ handle: some AnyObject & Sendable, close: @escaping @Sendable () async -> Void) async {
        let isAlive: @Sendable () -> Bool = { [weak handle] in handle != nil }
        let late = state.withLock { state in
            state.entries.removeAll { !$0.isAlive() }
            if !state.isClosed { state.entries.append(Entry(close: close, isAlive: isAlive)) }
            return state.isClosed
        }
        if late { await close() }
    }

    func closeAll() async {
        let open = state.withLock { state in
            defer { state.entries = [] }
            state.isClosed = true
            return state.entries
        }
        for entry in open { await entry.close() }
    }
}
