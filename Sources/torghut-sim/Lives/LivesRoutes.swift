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
        let trees = body["orders"]?.elements.map(Self.whole) ?? []
        let checked = broker.change { state, time -> Result<LifeChances, SimRefusal> in
            do throws(SimRefusal) {
                var names: Set<String> = []
                for tree in trees {
                    let order = try state.draft(tree, at: time)
                    guard state.byClientID[order.clientOrderID] == nil, names.insert(order.clientOrderID).inserted
                    else { throw .invalid("client_order_id must be unique") }
                }
                let chances = try Self.apply(fields, to: &state.lives)
                state.lives.beginnings += 1
                return .success(chances)
            } catch { return .failure(error) }
        }
        switch checked {
        case .failure(let refusal): return .refusal(refusal)
        case .success(let chances):
            // Each has a moment of its own, as orders that are sent one by one have.
            let made = trees.compactMap { tree in broker.change { state, time in state.begin(tree, chances, at: time) }
            }
            broker.change { state, _ in state.lives.beginnings -= 1 }
            return .tree(.object(["orders": .array(made)]))
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

extension SimBroker.State {
    /// The ids of the order that lives from now on; `nil` when somebody has taken its name since it was looked at.
    fileprivate mutating func begin(_ tree: Tree, _ chances: LifeChances, at time: Timestamp) -> Tree? {
        do throws(SimRefusal) {
            let order = try draft(tree, at: time)
            guard byClientID[order.clientOrderID] == nil else { return nil }
            begin(order, chances)
            return .object(["client_order_id": .string(order.clientOrderID), "id": .string(order.id)])
        } catch { return nil }
    }
}
