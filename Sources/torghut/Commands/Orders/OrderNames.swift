import Core
import Domain
import JSON

/// Which order an event is about: by which ids, of whose account.
///
/// It looks at the bytes, not at the event's type: what a later version of this program wrote names its order too.
struct OrderNames {
    struct Pair: Hashable {
        var client: String?
        var broker: String?

        var isEmpty: Bool { client == nil && broker == nil }
    }

    var account: String
    /// The order itself, and the one that replaces it.
    var pairs: [Pair] = []
    var decision: String?
    var intent: String?

    /// `nil` when the record is no event of an account.
    init?(_ root: JSONValue) {
        guard let account = root.field("account_label")?.string, let payload = root.field("payload") else { return nil }
        self.account = account
        let order = Pair(
            client: payload.field("client_order_id")?.string, broker: payload.field("alpaca_order_id")?.string)
        let successor = Pair(
            client: payload.field("new_client_order_id")?.string,
            broker: payload.field("new_alpaca_order_id")?.string)
        pairs = [order, successor].filter { !$0.isEmpty }
        decision = payload.field("decision_hash")?.string
        intent = payload.field("intent_id")?.string
    }
}

/// An order under all the ids that the log has for it.
struct NamedOrder {
    let account: String
    var clients: Set<String> = []
    var brokers: Set<String> = []
    var decisions: Set<String> = []

    /// Every id by which its events can be found.
    var needles: Set<String> { clients.union(brokers).union(decisions) }

    func isMeant(by pair: OrderNames.Pair) -> Bool {
        pair.client.map(clients.contains) ?? false || pair.broker.map(brokers.contains) ?? false
    }

    /// An event that names an order names it; one that names only a decision is about all orders of it.
    func isMeant(by names: OrderNames) -> Bool {
        guard names.account == account else { return false }
        guard names.pairs.isEmpty else { return names.pairs.contains(where: isMeant(by:)) }
        return names.decision.map(decisions.contains) ?? false
    }

    mutating func add(_ pair: OrderNames.Pair) {
        if let client = pair.client { clients.insert(client) }
        if let broker = pair.broker { brokers.insert(broker) }
    }

    mutating func add(_ other: NamedOrder) {
        clients.formUnion(other.clients)
        brokers.formUnion(other.brokers)
        decisions.formUnion(other.decisions)
    }
}
