internal import Core
internal import Domain
internal import HTTPClient

extension AlpacaAdapter {
    /// Page by page, oldest first, until a page is not full.
    ///
    /// A page begins a little before the last one ended, because orders of one moment may stand on both sides of the
    /// cut; a page that brings nothing new while it is full makes the list incomplete, as does an order that cannot be read:
    /// the reason names it, and the others are told.
    public func openOrders(_ call: CallTerms) async -> Answered<ListVerdict> {
        var orders: [FoundOrder] = []
        var known: Set<BrokerOrderID> = []
        var after: Timestamp?
        var record = CallRecord()
        var unreadable: [String] = []
        for _ in 0..<limits.maximumPages {
            var path = "/v2/orders?status=open&direction=asc&limit=\(limits.pageSize)"
            if let after { path += "&after=" + Escaping.part(after.description) }
            let page = await ask(request(.get, path), call) { outcome -> Result<OrderList.Page, ReadFailure> in
                .failure(ReadFailure(outcome.failure ?? .unknownError))
            } answered: { response, record in
                AlpacaReplies.listed(response, &record)
            }
            record = page.call.following(record)
            let found: OrderList.Page
            switch page.verdict {
            case .success(let page): found = page
            case .failure(let failure): return Answered(.inconclusive(failure.taxonomy), record)
            }
            let fresh = found.orders.filter { known.insert($0.id).inserted }
            orders += fresh
            unreadable += found.unreadable
            if !unreadable.isEmpty {
                record.note(code: "alpaca_orders_unreadable", reason: unreadable.joined(separator: ", "))
            }
            guard found.count >= limits.pageSize else {
                return Answered(.orders(orders, isComplete: unreadable.isEmpty), record)
            }
            guard !fresh.isEmpty, let last = found.orders.last?.submittedAt else { break }
            after = Timestamp(nanoseconds: last.nanoseconds - 1)
        }
        return Answered(.orders(orders, isComplete: false), record)
    }
}

extension CallRecord {
    /// Several requests as one call; the answer is the last one's.
    func following(_ earlier: CallRecord) -> CallRecord {
        var record = self
        record.sentAt = earlier.sentAt ?? sentAt
        record.sentBytes += earlier.sentBytes
        record.tries += earlier.tries
        let latency = (earlier.reply.latencyMicroseconds ?? 0) + (reply.latencyMicroseconds ?? 0)
        record.reply.latencyMicroseconds = latency
        record.credentialsRefused = earlier.credentialsRefused || credentialsRefused
        return record
    }
}
