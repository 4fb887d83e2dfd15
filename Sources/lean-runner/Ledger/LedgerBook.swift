import Core
import Domain

/// The state of the ledger: a fold of its records, and the rule by which a key is taken.
struct LedgerBook: Sendable {
    enum Admission: Sendable, Equatable {
        /// The key was free, and is taken now.
        case admitted
        case answered(LedgerEntry)
        /// Taken, and nothing is proved yet.
        case open
        case voided
        /// The key, or the client order id, was used with another body.
        case conflict
        /// There is no room for another key.
        case full
    }

    private(set) var entries: [ClientOrderID: LedgerEntry] = [:]
    private var keys: [String: ClientOrderID] = [:]
    private(set) var epochs: [String: Int64] = [:]
    /// Of all stored answers together.
    private(set) var bytes = 0
    let maximumKeys: Int
    let maximumBytes: Int

    init(maximumKeys: Int, maximumBytes: Int = .max) {
        self.maximumKeys = maximumKeys
        self.maximumBytes = maximumBytes
    }

    /// Scopes of epochs that are remembered: as many as any router has partitions, many times over.
    static let maximumScopes = 10_000

    subscript(_ id: ClientOrderID) -> LedgerEntry? { entries[id] }

    var count: Int { entries.count }

    var hasRoom: Bool { count < maximumKeys && bytes < maximumBytes }

    mutating func put(_ entry: LedgerEntry) {
        let before = entries.updateValue(entry, forKey: entry.clientOrderID)
        bytes += (entry.answer?.body.count ?? 0) - (before?.answer?.body.count ?? 0)
        if let key = entry.key { keys[key] = entry.clientOrderID }
    }

    mutating func remove(_ id: ClientOrderID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        bytes -= entry.answer?.body.count ?? 0
        if let key = entry.key { keys[key] = nil }
    }

    /// What a request would meet, changing nothing.
    func judge(_ asked: AskedOrder) -> Admission {
        if let known = keys[asked.key], known != asked.clientOrderID { return .conflict }
        guard let entry = entries[asked.clientOrderID] else {
            return hasRoom ? .admitted : .full
        }
        switch entry.stage {
        case .voided: return .voided
        // Somebody else's order is no answer to any body of ours.
        case .foreign: return .conflict
        case .received, .submitted, .rejected, .notSent: break
        }
        guard entry.key == nil || (entry.key == asked.key && entry.bodyHash == asked.bodyHash) else {
            return .conflict
        }
        switch entry.stage {
        case .received: return .open
        case .submitted, .rejected: return .answered(entry)
        case .notSent: return .admitted
        case .voided: return .voided
        case .foreign: return .conflict
        }
    }

    /// Newest first wins: false when a newer epoch of this scope was seen.
    func isCurrent(_ epoch: Int64, in scope: String) -> Bool { epoch >= epochs[scope] ?? .min }

    mutating func raise(_ epoch: Int64, in scope: String) { epochs[scope] = max(epoch, epochs[scope] ?? .min) }

    func hasRoom(forScope scope: String) -> Bool { epochs[scope] != nil || epochs.count < Self.maximumScopes }

    /// Forgets what was closed before this moment.
    mutating func forget(before moment: Timestamp) -> Int {
        let old = entries.values.filter { $0.isClosed && $0.changedAt < moment }.map(\.clientOrderID)
        for id in old { remove(id) }
        return old.count
    }
}
