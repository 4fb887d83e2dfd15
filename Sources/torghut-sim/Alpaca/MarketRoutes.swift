import Core
import HTTPServer

/// `GET /_sim/market`: what a trader sees of the market and of his account at one look.
struct MarketRoutes: Sendable {
    let broker: SimBroker

    func add(to routes: inout HTTPRoutes) {
        routes.on("GET", "/_sim/market") { _, _ in
            .tree(
                broker.change { state, time in
                    .object([
                        "at": .time(time),
                        "symbols": .array(
                            state.quotes.all.sorted { $0.key < $1.key }.map { symbol, quote in
                                .object([
                                    "symbol": .string(symbol), "bid": .amount(quote.bid), "ask": .amount(quote.ask),
                                    "position": .amount(state.positions[symbol]?.qty ?? .zero),
                                ])
                            }),
                    ])
                })
        }
    }
}
