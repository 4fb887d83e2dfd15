import Core
import HTTPServer

/// `POST /_sim/lives`: orders with whatever can happen to an order before them.
struct LivesRoutes: Sendable {
    let broker: SimBroker

    func add(to routes: inout HTTPRoutes) {
        routes.on("POST", "/_sim/lives") { request, _ in begin(request) }
        routes.on("GET", "/_sim/lives") { _, _ in
            .tree(
                broker.change { state, _ in
                    let isTold = state.lives.unfinished.isEmpty && state.lives.post.isEmpty
                    return .object([
                        "orders": .count(state.lives.orders), "unfinished": .count(state.lives.unfinished.count),
                        "steps": .count(state.lives.stepsTaken),
                        "told": .bool(isTold),
                    ])
                })
        }
    }

    private func begin(_ request: HTTPServerRequest) -> HTTPServerResponse {
        guard let body = Tree(request.body), case .object(let fields) = body else {
            return .text("no JSON\n", status: 400)
        }
        let answer = broker.change { state, time -> Result<Tree, SimRefusal> in
            do throws(SimRefusal) {
                let chances = try Self.apply(fields, to: &state.lives)
                var drafts: [SimOrder] = []
                for tree in body["orders"]?.elements ?? [] {
                    let order = try state.draft(Self.whole(tree), at: time)
                    guard state.byClientID[order.clientOrderID] == nil else {
                        throw .invalid("client_order_id must be unique")
                    }
                    drafts.append(order)
                }
                for order in drafts { state.begin(order, chances) }
                return .success(
                    .object([
                        "orders": .array(
                            drafts.map {
                                .object(["client_order_id": .string($0.clientOrderID), "id": .string($0.id)])
                            })
                    ]))
            } catch { return .failure(error) }
        }
        switch answer {
        case .success(let tree): return .tree(tree)
        case .failure(let refusal): return .refusal(refusal)
        }
    }

    /// What an order does not say is a plain order's.
    private static func whole(_ tree: Tree) -> Tree {
        var filled = tree
        for (name, value) in [("type", "limit"), ("time_in_force", "gtc")] where tree[name] == nil {
            filled = filled.with([name == "type" ? "type" : "time_in_force": .string(value)])
        }
        if filled["limit_price"] == nil, filled["type"]?.string == "limit" {
            filled = filled.with(["limit_price": .string("100")])
        }
        return filled
    }

    private static func apply(_ fields: [Tree.Field], to lives: inout SimLives) throws(SimRefusal) -> LifeChances {
        var chances = LifeChances()
        for field in fields where field.name != "orders" {
            guard let number = field.value.integer, number >= 0 else {
                throw .invalid("\(field.name) must be a number")
            }
            switch field.name {
            case "seed": lives.dice = Dice(seed: UInt64(number))
            case "hide_per_mille": chances.hide = number
            case "duplicate_per_mille": chances.duplicate = number
            case "late_per_mille": chances.late = number
            case "amend_per_mille": chances.amend = number
            case "steps_per_second": lives.pace = number
            case "width": lives.width = max(1, number)
            default: throw .invalid("lives have no '\(field.name)'")
            }
        }
        return chances
    }
}
