import Core
import HTTPServer
import Threading

/// Account, positions, clock and assets.
struct AlpacaAccount: Sendable {
    let broker: SimBroker

    func account() -> HTTPServerResponse {
        .tree(
            broker.change { state, _ in
                let cash = state.cash
                let power = Amount(units: cash.units - state.reserved.units)
                let value = Amount(
                    units: state.positions.all.reduce(cash.units) { $0 + Self.value($1.value, $1.key, state).units })
                return .object([
                    "id": .string("00000000-0000-4000-8000-000000000001"), "account_number": .string("PA0SIMULATED"),
                    "status": .string("ACTIVE"), "crypto_status": .string("ACTIVE"), "currency": .string("USD"),
                    "cash": .amount(cash), "buying_power": .amount(power), "equity": .amount(value),
                    "portfolio_value": .amount(value), "last_equity": .amount(value), "multiplier": .string("1"),
                    "pattern_day_trader": .bool(false), "trading_blocked": .bool(state.settings.isBlocked),
                    "transfers_blocked": .bool(false), "account_blocked": .bool(false),
                    "trade_suspended_by_user": .bool(false), "daytrade_count": .count(0),
                    "shorting_enabled": .bool(state.settings.allowsShorts),
                    "created_at": .string("2024-01-02T00:00:00Z"),
                ])
            })
    }

    private static func value(_ position: SimBroker.Position, _ symbol: String, _ state: SimBroker.State) -> Amount {
        guard let quote = state.quotes[symbol] else { return position.cost }
        do { return try position.qty.multiplied(by: quote.bid) } catch { return position.cost }
    }

    private static func json(_ symbol: String, _ position: SimBroker.Position, _ state: SimBroker.State) -> Tree {
        let average = try? position.cost.divided(by: position.qty)
        let price = state.quotes[symbol]?.bid ?? average
        return .object([
            "asset_id": .string("00000000-0000-4000-8000-" + SimAsset.suffix(of: symbol)), "symbol": .string(symbol),
            "exchange": .string("NASDAQ"), "asset_class": .string(symbol.contains("/") ? "crypto" : "us_equity"),
            "qty": .amount(position.qty), "qty_available": .amount(position.qty),
            "side": .string(position.qty.isNegative ? "short" : "long"), "avg_entry_price": .amount(average),
            "cost_basis": .amount(position.cost), "market_value": .amount(value(position, symbol, state)),
            "current_price": .amount(price),
        ])
    }

    func positions() -> HTTPServerResponse {
        .tree(
            broker.change { state, _ in
                .array(state.positions.all.sorted { $0.key < $1.key }.map { Self.json($0.key, $0.value, state) })
            })
    }

    func position(_ symbol: String) -> HTTPServerResponse {
        let found = broker.change { state, _ in state.positions[symbol].map { Self.json(symbol, $0, state) } }
        return found.map { .tree($0) }
            ?? .refusal(SimRefusal(status: 404, code: 40_410_000, message: "position does not exist"))
    }

    func clock() -> HTTPServerResponse {
        let now = SystemTime().now()
        let later = now.advanced(by: .seconds(3600))
        return .tree(
            .object([
                "timestamp": .time(now), "is_open": .bool(broker.change { state, _ in state.settings.isOpen }),
                "next_open": .time(later), "next_close": .time(later),
            ]))
    }

    func asset(_ symbol: String) -> HTTPServerResponse {
        let isTradable = broker.change { state, _ in !state.untradable.contains(symbol) }
        return .tree(SimAsset.json(symbol, isTradable: isTradable))
    }

    /// Those the market has a price for.
    func assets() -> HTTPServerResponse {
        .tree(
            broker.change { state, _ in
                .array(
                    state.quotes.all.keys.sorted().map {
                        SimAsset.json($0, isTradable: !state.untradable.contains($0))
                    })
            })
    }
}
