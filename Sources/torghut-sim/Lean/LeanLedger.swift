import Core
import Synchronization

/// What the runner remembers of each key: the answer it gave is the answer it gives.
final class LeanLedger: Sendable {
    enum Entry: Sendable {
        case inFlight(Tree)
        case submitted(Tree, order: Tree)
        case rejected(Tree, answer: Tree)
        case unknown(Tree)
        case voided
    }

    enum Admission {
        case admitted
        case replay(Tree)
        case rejected(Tree)
        case conflict
        case busy
        case unknown
        case voided
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var epochs: [String: Int64] = [:]
    }

    private let state = Mutex(State())

    /// Whether this epoch is the newest of its scope.
    func accepts(epoch: Int64, in scope: String) -> Bool {
        state.withLock { state in
            guard epoch >= state.epochs[scope] ?? .min else { return false }
            state.epochs[scope] = epoch
            return true
        }
    }

    /// Takes the key for this body, if it is free.
    func admit(_ key: String, _ body: Tree) -> Admission {
        state.withLock { state in
            switch state.entries[key] {
            case nil:
                state.entries[key] = .inFlight(body)
                return .admitted
            case .voided?: return .voided
            case .inFlight(let known)?: return known == body ? .busy : .conflict
            case .unknown(let known)?: return known == body ? .unknown : .conflict
            case .submitted(let known, let order)?: return known == body ? .replay(order) : .conflict
            case .rejected(let known, let answer)?: return known == body ? .rejected(answer) : .conflict
            }
        }
    }

    func settle(_ key: String, _ entry: Entry) { state.withLock { $0.entries[key] = entry } }

    /// The key is free again: nothing was sent.
    func release(_ key: String) { state.withLock { $0.entries[key] = nil } }

    /// Voids a key that was never sent, and says what it was.
    func void(_ key: String) -> Entry? {
        state.withLock { state in
            let entry = state.entries[key]
            if entry == nil { state.entries[key] = .voided }
            return entry
        }
    }
}
