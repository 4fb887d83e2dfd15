import Core
import Domain

/// What the runner knows of one client order id.
struct LedgerEntry: Sendable, Equatable {
    enum Stage: String, Sendable {
        /// Durable before the broker is called; without an outcome nothing is proved.
        case received
        case submitted
        case rejected
        /// Proved that there is no order: the key is free again, for the same body.
        case notSent = "not_sent"
        /// Not submitted, and never will be.
        case voided
        /// The broker has an order of this id that this ledger did not send.
        case foreign
    }

    let clientOrderID: ClientOrderID
    /// `nil` when the id was only voided or seen, and never asked for with a body.
    var key: String?
    var bodyHash: [UInt8]
    var stage: Stage
    /// When it came to this stage.
    var changedAt: Timestamp
    /// What was answered: status and body, of `submitted`, `rejected` and `foreign`.
    var answer: StoredAnswer?
    /// Until when its request may have gone out, or be taken from wherever it waits: an absence before proves nothing.
    var deadline: Timestamp?

    /// Whether it can be forgotten one day: what is not proved never is.
    var isClosed: Bool {
        switch stage {
        case .received: false
        case .submitted, .rejected, .notSent, .voided, .foreign: true
        }
    }
}

/// An answer as it was given, without its audit.
struct StoredAnswer: Sendable, Equatable {
    let status: Int
    let body: [UInt8]

    /// An answer with a larger body is cut to what the contract needs: memory holds one for each key.
    static let maximumBytes = 32 << 10
}

/// One request that would make an order, as the ledger compares it.
struct AskedOrder: Sendable, Equatable {
    let key: String
    let clientOrderID: ClientOrderID
    let bodyHash: [UInt8]
}
