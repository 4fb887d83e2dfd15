internal import Core
internal import Domain

/// What the order in a 2xx answer must be before we believe that it is ours.
enum SubmitContract {
    /// The name the evidence carries.
    static let name = "contract_v1"

    static func check(_ order: FoundOrder, against asked: OrderSubmission) throws(ContractBreach) {
        try check(order, asked.clientOrderID, asked.symbol)
        if let qty = asked.terms.qty {
            guard let found = order.qty else { throw ContractBreach("missing_keys:qty") }
            guard found > .zero else { throw ContractBreach("qty_non_positive") }
            guard found == qty else { throw ContractBreach("qty_mismatch") }
        } else if let notional = asked.terms.notional {
            guard order.notional == notional else { throw ContractBreach("notional_mismatch") }
        }
        guard order.side ?? asked.side == asked.side else { throw ContractBreach("side_mismatch") }
        guard order.orderType ?? asked.terms.orderType == asked.terms.orderType else {
            throw ContractBreach("type_mismatch")
        }
        if let limit = asked.terms.limitPrice, let found = order.limitPrice, found != limit {
            throw ContractBreach("limit_price_mismatch")
        }
    }

    static func check(_ order: FoundOrder, against asked: OrderReplacement) throws(ContractBreach) {
        try check(order, asked.clientOrderID, asked.symbol)
        guard order.replaces ?? asked.orderID == asked.orderID else { throw ContractBreach("replaces_mismatch") }
        // A quantity is not compared: brokers answer with the whole or with what is left of it.
        if let qty = order.qty, qty <= .zero { throw ContractBreach("qty_non_positive") }
        if let limit = asked.limitPrice, let found = order.limitPrice, found != limit {
            throw ContractBreach("limit_price_mismatch")
        }
    }

    private static func check(
        _ order: FoundOrder, _ id: ClientOrderID, _ symbol: Symbol
    ) throws(ContractBreach) {
        guard let found = order.clientOrderID else { throw ContractBreach("missing_keys:client_order_id") }
        guard found == id else { throw ContractBreach("client_order_id_mismatch") }
        guard order.symbol.isSpelling(of: symbol) else { throw ContractBreach("symbol_mismatch") }
    }
}
