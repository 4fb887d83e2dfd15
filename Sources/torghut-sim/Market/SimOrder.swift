import Core

/// An order as the simulated broker keeps it.
struct SimOrder: Sendable {
    let id: String
    let clientOrderID: String
    let symbol: String
    let side: String
    let type: String
    let timeInForce: String
    var qty: Amount?
    var notional: Amount?
    var limitPrice: Amount?
    var stopPrice: Amount?
    var trailPrice: Amount?
    var trailPercent: Amount?
    var extendedHours = false
    var status = "accepted"
    var filledQty = Amount.zero
    /// Money paid so far: the average is derived, so that it stays exact.
    var filledMoney = Amount.zero
    let createdAt: Timestamp
    var updatedAt: Timestamp
    var filledAt: Timestamp?
    var canceledAt: Timestamp?
    var expiredAt: Timestamp?
    var failedAt: Timestamp?
    var replacedAt: Timestamp?
    var replacedBy: String?
    var replaces: String?
    /// Places in the ledger.
    var executions: [Int] = []

    static let terminal: Set<String> = ["filled", "canceled", "expired", "rejected", "replaced"]

    var isOpen: Bool { !Self.terminal.contains(status) }
    var isBuy: Bool { side == "buy" }
    var isCrypto: Bool { symbol.contains("/") }

    var filledAvgPrice: Amount? {
        guard !filledQty.isZero else { return nil }
        do { return try filledMoney.divided(by: filledQty) } catch { return nil }
    }

    /// What is still to be filled; an order by money has no quantity before its price is known.
    var rest: Amount? {
        guard let qty else { return nil }
        return Amount(units: qty.units - filledQty.units)
    }

    var json: Tree {
        .object([
            "id": .string(id), "client_order_id": .string(clientOrderID), "created_at": .time(createdAt),
            "updated_at": .time(updatedAt), "submitted_at": .time(createdAt), "filled_at": .time(filledAt),
            "expired_at": .time(expiredAt), "canceled_at": .time(canceledAt), "failed_at": .time(failedAt),
            "replaced_at": .time(replacedAt), "replaced_by": .text(replacedBy), "replaces": .text(replaces),
            "asset_id": .string("00000000-0000-4000-8000-" + SimAsset.suffix(of: symbol)), "symbol": .string(symbol),
            "asset_class": .string(isCrypto ? "crypto" : "us_equity"), "notional": .amount(notional),
            "qty": .amount(qty), "filled_qty": .amount(filledQty), "filled_avg_price": .amount(filledAvgPrice),
            "order_class": .string(""), "order_type": .string(type), "type": .string(type), "side": .string(side),
            "time_in_force": .string(timeInForce), "limit_price": .amount(limitPrice),
            "stop_price": .amount(stopPrice), "status": .string(status), "extended_hours": .bool(extendedHours),
            "legs": .null, "trail_percent": .amount(trailPercent), "trail_price": .amount(trailPrice), "hwm": .null,
            "position_intent": .string(isBuy ? "buy_to_open" : "sell_to_close"),
        ])
    }
}

/// What can be traded: everything, unless the script says otherwise.
enum SimAsset {
    /// Twelve hexadecimal digits that stay the same for a symbol.
    static func suffix(of symbol: String) -> String {
        let hash = symbol.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        let text = String(hash & 0xFFFF_FFFF_FFFF, radix: 16)
        return String(repeating: "0", count: 12 - text.count) + text
    }

    static func json(_ symbol: String, isTradable: Bool) -> Tree {
        .object([
            "id": .string("00000000-0000-4000-8000-" + suffix(of: symbol)),
            "class": .string(symbol.contains("/") ? "crypto" : "us_equity"), "exchange": .string("NASDAQ"),
            "symbol": .string(symbol), "name": .string(symbol), "status": .string(isTradable ? "active" : "inactive"),
            "tradable": .bool(isTradable), "marginable": .bool(true), "shortable": .bool(!symbol.contains("/")),
            "easy_to_borrow": .bool(!symbol.contains("/")), "fractionable": .bool(true),
        ])
    }
}
