internal import Core
internal import Domain
internal import JSON

/// Reads orders out of answers; what is missing or wrong is a breach.
enum OrderReader {
    static func read(_ value: JSONValue) throws(ContractBreach) -> FoundOrder {
        guard value.isOf(.object) else { throw ContractBreach("not_an_object") }
        let missing = required.filter { name in text(value, name)?.isEmpty ?? true }
        guard missing.isEmpty else {
            throw ContractBreach("missing_keys:" + missing.map(\.description).sorted().joined(separator: ","))
        }
        guard let id = identifier(value, "id", BrokerOrderID.self),
            let symbol = identifier(value, "symbol", Symbol.self)
        else { throw ContractBreach("identifier_invalid") }
        guard let status = text(value, "status").flatMap(OrderStatus.init(rawValue:)),
            status != .prepared, status != .unknown
        else { throw ContractBreach("status_unknown") }
        var order = FoundOrder(id: id, symbol: symbol, status: status, raw: ReplyDocument.compact(value))
        order.clientOrderID = identifier(value, "client_order_id", ClientOrderID.self)
        order.side = text(value, "side").flatMap(Side.init(rawValue:))
        order.orderType = (text(value, "type") ?? text(value, "order_type")).flatMap(OrderType.init(rawValue:))
        order.timeInForce = text(value, "time_in_force").flatMap(TimeInForce.init(rawValue:))
        order.qty = try amount(value, "qty")
        order.notional = try amount(value, "notional")
        order.limitPrice = try amount(value, "limit_price")
        order.stopPrice = try amount(value, "stop_price")
        order.filledQty = try amount(value, "filled_qty")
        if let price = value.field("filled_avg_price"), !price.isNull {
            guard let read = LooseAmount.readPrice(price) else { throw ContractBreach("filled_avg_price_invalid") }
            order.filledAvgPrice = read
        }
        order.submittedAt = time(value, "submitted_at")
        order.updatedAt = time(value, "updated_at")
        order.replaces = identifier(value, "replaces", BrokerOrderID.self)
        order.replacedBy = identifier(value, "replaced_by", BrokerOrderID.self)
        if let audit = value.field("_lean_audit"), audit.isOf(.object) {
            order.audit = ReplyDocument.compact(audit)
            order.idempotentReplay = audit.field("idempotent_replay")?.bool
        }
        return order
    }

    private static let required: [StaticString] = ["id", "status", "symbol"]

    /// A time that cannot be read is no reason to doubt the order.
    private static func time(_ value: JSONValue, _ name: StaticString) -> Timestamp? {
        text(value, name).flatMap { text in
            do { return try Timestamp(text) } catch { return nil }
        }
    }

    private static func text(_ value: JSONValue, _ name: StaticString) -> String? { value.field(name)?.string }

    private static func identifier<Kind: IdentifierKind>(
        _ value: JSONValue, _ name: StaticString, _ type: Identifier<Kind>.Type
    ) -> Identifier<Kind>? {
        guard let text = text(value, name) else { return nil }
        do { return try Identifier<Kind>(text) } catch { return nil }
    }

    private static func amount(_ value: JSONValue, _ name: StaticString) throws(ContractBreach) -> Amount? {
        guard let field = value.field(name), !field.isNull else { return nil }
        guard let amount = LooseAmount.read(field) else { throw ContractBreach("\(name)_invalid") }
        return amount
    }
}
