internal import Core
internal import Domain
internal import JSON

/// A list of orders; one that cannot be read spoils it, because a list with holes proves no absence.
enum OrderList {
    static func read(_ value: JSONValue) throws(ContractBreach) -> [FoundOrder] {
        guard var elements = value.elements() else { throw ContractBreach("not_a_list") }
        var orders: [FoundOrder] = []
        while let element = elements.next() { orders.append(try OrderReader.read(element)) }
        return orders
    }
}

/// A list of what was canceled: `[{id, status}]`.
enum CancelList {
    static func read(_ value: JSONValue) throws(ContractBreach) -> CancelAllVerdict {
        guard var elements = value.elements() else { throw ContractBreach("not_a_list") }
        var requested: [BrokerOrderID] = []
        var refused: [BrokerOrderID] = []
        while let element = elements.next() {
            guard let text = element.field("id")?.string else { throw ContractBreach("missing_keys:id") }
            let id: BrokerOrderID
            do { id = try BrokerOrderID(text) } catch { throw ContractBreach("identifier_invalid") }
            // Without a status the list holds only what was taken.
            let status = element.field("status")?.int64 ?? 200
            if (200...299).contains(status) { requested.append(id) } else { refused.append(id) }
        }
        return .requested(requested, refused: refused)
    }
}
