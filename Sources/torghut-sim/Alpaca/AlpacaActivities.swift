import Core
import HTTPServer

/// `GET /v2/account/activities`: executions as the account's statement has them, without those that are hidden.
struct AlpacaActivities: Sendable {
    let broker: SimBroker

    /// One page's bounds: `after` and `until` belong to neither side.
    private struct Query {
        var after: Timestamp?
        var until: Timestamp?
        var token: String?
        var size = 100
        var isAscending = false
    }

    func list(_ request: HTTPServerRequest, kinds: String?) -> HTTPServerResponse {
        for kind in (kinds ?? "FILL").split(separator: ",") where kind != "FILL" {
            return .refusal(.invalid("invalid activity type: \(kind)"))
        }
        let query: Query
        switch Self.read(request) {
        case .success(let read): query = read
        case .failure(let refusal): return .refusal(refusal)
        }
        let found = broker.change { state, _ -> [Tree]? in
            let all = state.executions
            var low = query.after.map(all.first(after:)) ?? 0
            var high = query.until.map(all.first(from:)) ?? all.rows.count
            if let token = query.token {
                guard let place = Self.execution(of: token).flatMap({ all[$0] }) else { return nil }
                if query.isAscending { low = max(low, place + 1) } else { high = min(high, place) }
            }
            guard low < high else { return [] }
            let size = min(query.size, state.settings.maximumPage)
            var page: [Tree] = []
            var place = query.isAscending ? low : high - 1
            while place >= low, place < high, page.count < size {
                if !all[place].isHidden { page.append(Self.json(all[place], state.orders[all[place].order])) }
                place += query.isAscending ? 1 : -1
            }
            return page
        }
        return found.map { .tree(.array($0)) } ?? .refusal(.invalid("invalid page_token"))
    }

    private static func read(_ request: HTTPServerRequest) -> Result<Query, SimRefusal> {
        var query = Query()
        do {
            query.after = try request.query("after").map { try Timestamp($0) }
            query.until = try request.query("until").map { try Timestamp($0) }
        } catch { return .failure(.invalid("invalid after or until")) }
        if let text = request.query("page_size") {
            guard let size = Int(text), (1...100).contains(size) else {
                return .failure(.invalid("page_size must be between 1 and 100"))
            }
            query.size = size
        }
        query.token = request.query("page_token").flatMap { $0.isEmpty ? nil : $0 }
        let direction = request.query("direction") ?? "desc"
        guard ["asc", "desc"].contains(direction) else { return .failure(.invalid("invalid direction")) }
        query.isAscending = direction == "asc"
        return .success(query)
    }

    private static func execution(of token: String) -> String? {
        let parts = token.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[1].isEmpty ? String(parts[2]) : nil
    }

    /// `20261120154233017`: as many digits as the statement's own have, to the millisecond.
    private static func digits(_ time: Timestamp) -> String {
        let text = time.description
        let whole = text.prefix(19).filter(\.isNumber)
        let fraction = text.dropFirst(19).filter(\.isNumber).prefix(3)
        return whole + fraction + String(repeating: "0", count: 3 - fraction.count)
    }

    private static func json(_ execution: SimExecution, _ order: SimOrder) -> Tree {
        .object([
            "id": .string(digits(execution.at) + "::" + execution.id), "activity_type": .string("FILL"),
            "transaction_time": .time(execution.at), "type": .string(execution.isWhole ? "fill" : "partial_fill"),
            "price": .amount(execution.price), "qty": .amount(execution.qty), "side": .string(order.side),
            "symbol": .string(order.symbol), "leaves_qty": .amount(execution.leaves),
            "order_id": .string(order.id), "cum_qty": .amount(execution.cumulative),
            "order_status": .string(execution.orderStatus),
        ])
    }
}
