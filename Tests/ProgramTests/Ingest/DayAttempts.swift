import Core
import Domain
import Wire

/// The attempts of a day as the router writes them: prepared before the order exists, accepted with the broker's id.
struct DayAttempts: Sendable {
    let seed: UInt64
    static let account = AccountLabel(trusted: "paper")
    static let symbols = ["AAPL", "MSFT", "BTC/USD", "NVDA", "SPY", "ETH/USD", "TSLA"]

    /// An order that is to be sent.
    struct Wanted: Sendable {
        let number: Int
        let hash: DecisionHash
        let symbol: String
        let side: Side
        let qty: String

        var client: ClientOrderID { ClientOrderID(trusted: "\(hash)") }

        /// As the simulator takes it.
        var json: String {
            #"{"client_order_id":"\#(client)","symbol":"\#(symbol)","side":"\#(side.rawValue)","qty":"\#(qty)"}"#
        }
    }

    func wanted(_ number: Int) -> Wanted {
        let hash = DecisionHash(EventMint.content(Array("day-\(seed)-\(number)".utf8)).words)
        let quantities = ["100", "7", "1.5", "400", "33", "12.25", "2"]
        return Wanted(
            number: number, hash: hash, symbol: Self.symbols[number % 7], side: number % 3 == 0 ? .sell : .buy,
            qty: quantities[number % 7])
    }

    private func key(_ wanted: Wanted) -> AttemptKey {
        let intent = EventMint.intentID(of: wanted.hash, account: Self.account.text)
        return AttemptKey(
            intentID: intent, decisionHash: wanted.hash, clientOrderID: wanted.client,
            attemptID: EventMint.attemptID(of: intent, attempt: 1), attempt: 1)
    }

    private func evidence(_ wanted: Wanted) -> RouteEvidence {
        RouteEvidence(
            executionExpectedAdapter: .alpaca, executionAdapter: .alpaca, executionFallbackCount: 0,
            executionCorrelationID: CorrelationID(trusted: "torghut-day-\(wanted.number)"),
            executionIdempotencyKey: wanted.client)
    }

    private func terms(_ wanted: Wanted) -> OrderTerms {
        do {
            return OrderTerms(
                qty: try Amount(wanted.qty), orderType: .limit, timeInForce: .gtc, limitPrice: Amount(100))
        } catch { preconditionFailure("\(error)") }
    }

    private func event(_ content: Route, _ wanted: Wanted, _ name: String, at now: Timestamp) -> Event {
        let id = EventMint.eventID(.outside(source: "day", key: "\(seed)-\(wanted.number)-\(name)"))
        return Event(
            Envelope(
                eventID: id, eventTime: now, ingestTime: now, account: Self.account,
                symbol: Symbol(trusted: wanted.symbol), source: SourceName(trusted: "router"),
                correlation: StoryID(high: id.high, low: id.low)), .route(content))
    }

    func prepared(_ wanted: Wanted, at now: Timestamp) -> Event {
        event(
            .attemptPrepared(
                AttemptPrepared(
                    key: key(wanted), evidence: evidence(wanted), operation: .submit,
                    strategyID: StrategyID(trusted: "day"), side: wanted.side, terms: terms(wanted),
                    requestHash: EventMint.content(Array(wanted.client.text.utf8)), deadline: now, ownerEpoch: 1,
                    tradingMode: .paper, policyHash: EventMint.content([]))), wanted, "prepared", at: now)
    }

    func accepted(_ wanted: Wanted, as order: String, at now: Timestamp) -> Event {
        event(
            .attemptAccepted(
                AttemptAccepted(
                    key: key(wanted), evidence: evidence(wanted), executionRoute: .alpaca, routeMarker: .alpaca,
                    alpacaOrderID: BrokerOrderID(trusted: order), status: .accepted, side: wanted.side,
                    terms: terms(wanted), filledQty: nil, filledAvgPrice: nil, submittedAt: now,
                    reply: AdapterReply(httpStatus: 200),
                    rawOrder: CompactJSON(trusted: Array(#"{"id":"\#(order)","status":"accepted"}"#.utf8)))),
            wanted, "accepted", at: now)
    }
}
