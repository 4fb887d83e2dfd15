import Core

/// Every attempt to make or change an order that came in, whatever became of it: tests count what was received, not
/// only what lives.
struct AccessLog: Sendable {
    struct Entry: Sendable {
        let number: Int
        let at: Timestamp
        let kind: String
        let clientOrderID: String?
        let symbol: String?
        let qty: String?
        /// The trace that the request named.
        let traceparent: String?
        var orderID: String?
        var outcome: String

        var json: Tree {
            .object([
                "number": .count(number), "at": .time(at), "kind": .string(kind),
                "client_order_id": .text(clientOrderID), "symbol": .text(symbol), "qty": .text(qty),
                "traceparent": .text(traceparent),
                "order_id": .text(orderID), "outcome": .string(outcome),
            ])
        }
    }

    /// Older entries are not dropped: what comes after is only counted.
    static let maximumEntries = 2_000_000
    private(set) var entries = TrackedRows<Entry>()
    private(set) var uncounted = 0

    /// The number of the new entry.
    mutating func note(
        _ kind: String, at time: Timestamp, clientOrderID: String?, symbol: String?, qty: String?,
        traceparent: String? = nil, outcome: String
    ) -> Int {
        guard entries.count < Self.maximumEntries else {
            uncounted += 1
            return -1
        }
        entries.append(
            Entry(
                number: entries.count, at: time, kind: kind, clientOrderID: clientOrderID, symbol: symbol, qty: qty,
                traceparent: traceparent, orderID: nil, outcome: outcome))
        return entries.count - 1
    }

    mutating func takeChanges() -> [Int] { entries.takeChanges() }
    mutating func touch(_ places: Range<Int>) { entries.touch(places) }
    mutating func restore(_ entry: Entry) -> Bool { entries.restore(entry, at: entry.number) }

    mutating func settle(_ number: Int, outcome: String, orderID: String? = nil) {
        guard number >= 0 else { return }
        entries[number].outcome = outcome
        entries[number].orderID = orderID ?? entries[number].orderID
    }
}
