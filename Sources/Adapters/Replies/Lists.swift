internal import Core
internal import Domain
internal import JSON

/// A list of orders; one that cannot be read spoils it, because a list with holes proves no absence.
enum OrderList {
    /// What of a list could be read, and what could not.
    struct Page {
        var orders: [FoundOrder] = []
        /// Each with its id, where it has one, and why.
        var unreadable: [String] = []

        var count: Int { orders.count + unreadable.count }
    }

    /// For whoever proves no absence by it: one order that cannot be read must not hide all the others.
    static func readable(_ value: JSONValue) throws(ContractBreach) -> Page {
        guard var elements = value.elements() else { throw ContractBreach("not_a_list") }
        var page = Page()
        while let element = elements.next() {
            do throws(ContractBreach) { page.orders.append(try OrderReader.read(element)) } catch {
                page.unreadable.append("\(element.field("id")?.string ?? "an order without an id"): \(error.what)")
            }
        }
        return page
    }

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
