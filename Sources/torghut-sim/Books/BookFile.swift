import Dispatch
import Glibc
import Synchronization

/// The broker's books on the disk: a line for each change, on it before anybody hears of the change.
///
/// Changes that come while a line is being written go out together, with one sync. A line that cannot be written ends
/// the program: a broker does not trade on what it would forget.
final class BookFile: Sendable {
    private struct State {
        var waiting: [(line: [UInt8], updates: [TradeUpdate])] = []
        var taken = 0
        var durable = 0
        var isWriting = false
        var listeners: [(number: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let file: Int32
    private let hub: StreamHub
    private let queue = DispatchQueue(label: "books")

    init(file: Int32, telling hub: StreamHub) {
        self.file = file
        self.hub = hub
    }

    deinit { close(file) }

    /// The broker calls it under its lock, so that lines and updates come in the order things happened.
    func append(_ page: BookPage, _ updates: [TradeUpdate]) {
        let line = BookLine.sealed(page.tree)
        let begins = state.withLock { state in
            state.waiting.append((line, updates))
            state.taken += 1
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins { queue.async { self.write() } }
    }

    func settled() async {
        await withCheckedContinuation { continuation in
            let isDurable = state.withLock { state in
                guard state.durable < state.taken else { return true }
                state.listeners.append((state.taken, continuation))
                return false
            }
            if isDurable { continuation.resume() }
        }
    }

    private func write() {
        while true {
            let batch = state.withLock { state in
                if state.waiting.isEmpty { state.isWriting = false }
                defer { state.waiting = [] }
                return state.waiting
            }
            guard !batch.isEmpty else { return }
            do { try DiskFile.append(batch.flatMap(\.line), to: file) } catch {
                Saying.complaint("the books cannot be written: \(error)")
                exit(1)
            }
            for entry in batch { hub.publish(entry.updates) }
            let heard = state.withLock { state in
                state.durable += batch.count
                let durable = state.durable
                defer { state.listeners.removeAll { $0.number <= durable } }
                return state.listeners.filter { $0.number <= durable }
            }
            for listener in heard { listener.continuation.resume() }
        }
    }
}
