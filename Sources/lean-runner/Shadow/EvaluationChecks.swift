import Core
import Domain
import Engine

/// Whether the intent is what the strategy's own rule makes of what it saw.
enum ParityChecks {
    static let action = "action_follows_rule"

    static func all(_ request: EvaluateRequest, _ rule: StrategyRule) -> [EvaluationCheck] {
        [actionCheck(request, rule), quantityCheck(request), termsCheck(request, rule)]
    }

    private static func actionCheck(_ request: EvaluateRequest, _ rule: StrategyRule) -> EvaluationCheck {
        guard rule.rules != nil else { return .unknown(action, "the rule is not known: \(rule.name ?? "no name")") }
        guard rule.features != nil else { return .unknown(action, "the intent carries no features") }
        guard let asked = request.action else { return .unknown(action, "the intent has no action") }
        let found: Side?
        do throws(MissingFeature) { found = try rule.action(id: request.strategyID) } catch {
            return .unknown(action, "the intent carries no feature \(error.name)")
        }
        return EvaluationCheck(
            action, found == asked ? .yes : .no, measured: asked.rawValue, required: found?.rawValue ?? "nothing")
    }

    /// Sizing may make an order smaller than the strategy asks for, never larger.
    private static func quantityCheck(_ request: EvaluateRequest) -> EvaluationCheck {
        let name = "qty_within_rule"
        guard let most = StrategyRule.amount(request.definition?["qty"]) else {
            return .unknown(name, "the definition has no qty")
        }
        guard let qty = request.qty else { return .unknown(name, "the intent has no qty") }
        return EvaluationCheck(
            name, qty <= most ? .yes : .no, measured: "\(qty)", required: "at most \(most)")
    }

    /// The rules that are known order at the market, for the day, unless their definition says otherwise.
    private static func termsCheck(_ request: EvaluateRequest, _ rule: StrategyRule) -> EvaluationCheck {
        let name = "terms_follow_rule"
        guard rule.rules != nil else { return .unknown(name, "the rule is not known: \(rule.name ?? "no name")") }
        guard let type = request.orderType, let force = request.timeInForce else {
            return .unknown(name, "the intent has no order_type or no time_in_force")
        }
        let wanted = (
            type: request.definition?["order_type"]?.string ?? OrderType.market.rawValue,
            force: request.definition?["time_in_force"]?.string ?? TimeInForce.day.rawValue
        )
        let agrees = wanted == (type.rawValue, force.rawValue)
        return EvaluationCheck(
            name, agrees ? .yes : .no, measured: "\(type.rawValue)/\(force.rawValue)",
            required: "\(wanted.type)/\(wanted.force)")
    }
}

/// Whether the intent stays within what the strategy was enabled for.
enum GovernanceChecks {
    static func all(_ request: EvaluateRequest, _ rule: StrategyRule) -> [EvaluationCheck] {
        [knownCheck(rule), universeCheck(request), notionalCheck(request)]
    }

    private static func knownCheck(_ rule: StrategyRule) -> EvaluationCheck {
        let name = "strategy_known"
        guard let named = rule.name else { return .unknown(name, "neither definition nor features name its type") }
        return EvaluationCheck(
            name, rule.rules == nil ? .no : .yes, measured: named, required: Strategy.names.joined(separator: ", "))
    }

    private static func universeCheck(_ request: EvaluateRequest) -> EvaluationCheck {
        let name = "symbol_in_universe"
        let given = request.definition?["universe"]?.elements ?? request.definition?["universe_symbols"]?.elements
        guard let universe = given?.compactMap(\.string) else {
            return .unknown(name, "the definition has no universe")
        }
        return EvaluationCheck(
            name, universe.contains(request.symbol.text) ? .yes : .no, measured: request.symbol.text,
            required: "one of \(universe.count) symbols")
    }

    private static func notionalCheck(_ request: EvaluateRequest) -> EvaluationCheck {
        let name = "notional_within_limit"
        let given = request.definition?["limits"]?["max_notional"] ?? request.definition?["max_notional"]
        guard let most = StrategyRule.amount(given) else { return .unknown(name, "the definition has no max_notional") }
        guard let notional = request.notional else { return .unknown(name, "the intent has no notional") }
        return EvaluationCheck(
            name, notional <= most ? .yes : .no, measured: "\(notional)", required: "at most \(most)")
    }
}
