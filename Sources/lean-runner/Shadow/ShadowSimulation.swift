import Core
import Domain
import Engine

/// What one order would have got from the quote it was decided on, by our own engine.
///
/// Without a quote, or with an order that it would not have filled, there is no price: never a made-up one.
enum ShadowSimulation {
    static let version = "torghut-engine-1"

    static func answer(_ request: SimulateRequest) -> Document {
        guard let quote = request.quote else {
            return document(request, nil, .quoteMissing, "there is no quote at the time of the decision")
        }
        do throws(SingleOrderFill.NoFill) {
            let fill = try SingleOrderFill.judge(request.order, at: quote)
            return document(request, fill, nil, nil)
        } catch {
            let failure: Domain.LaneFailure = error == .unsoundQuote ? .quoteMissing : .noSimulatedFill
            return document(request, nil, failure, "\(error)")
        }
    }

    private static func document(
        _ request: SimulateRequest, _ fill: SingleOrderFill.Fill?, _ failure: Domain.LaneFailure?, _ reason: String?
    ) -> Document {
        let slippage = request.intentPrice.flatMap { intent in
            fill.flatMap { ParityDelta.bps(actual: $0.price, simulated: intent, side: request.order.side) }
        }
        let notional = request.intentPrice.flatMap { Self.product(request.order.qty, $0) }
        return .object([
            "symbol": .string(request.symbol.text), "side": .string(request.order.side.rawValue),
            "qty": .amount(request.order.qty), "order_type": .string(request.order.type.rawValue),
            "intent_price": .amount(request.intentPrice), "intent_notional": .amount(notional),
            "simulated_fill_price": .amount(fill?.price), "simulated_slippage_bps": .amount(slippage),
            "touch_slippage_bps": .amount(fill?.beyondTouchBps),
            "parity_status": .string((fill == nil ? ParityStatus.inconclusive : .unknown).rawValue),
            "failure_taxonomy": .text(failure?.rawValue), "reason": .text(reason),
            "authority_mode": .string(AuthorityMode.embeddedEngine.rawValue),
            "promotion_authority_eligible": .bool(false), "blocking_reason": .null,
            "simulator_version": .string(version), "reference_quote": quote(request),
        ])
    }

    /// `nil` when no amount is so large.
    private static func product(_ qty: Amount, _ price: Amount) -> Amount? {
        do { return try qty.multiplied(by: price) } catch { return nil }
    }

    private static func quote(_ request: SimulateRequest) -> Document {
        guard let quote = request.quote else { return .null }
        return .object([
            "bid": .amount(quote.bid), "ask": .amount(quote.ask), "bid_size": .amount(quote.bidSize),
            "ask_size": .amount(quote.askSize), "quote_ts": .string(quote.time.description),
            "source": .text(request.quoteSource),
        ])
    }
}
