import Core
import Domain
import Testing

@Suite struct `The risk of a decision` {
    private func answer(_ day: TradingDay, _ wish: Wish) -> DecisionAnswer {
        day.decider.decide(wish.record(on: day), given: day.state, on: day.bench)
    }

    struct Quantity: Sendable {
        let symbol: String
        let fractions: Bool
        let asked: String
        let ordered: String?
        let reason: ReasonCode?
    }

    @Test(arguments: [
        Quantity(symbol: "AAPL", fractions: false, asked: "1.9", ordered: "1", reason: nil),
        Quantity(symbol: "AAPL", fractions: true, asked: "1.99999", ordered: "1.9999", reason: nil),
        Quantity(symbol: "BTC/USD", fractions: false, asked: "0.123456789", ordered: "0.12345678", reason: nil),
        Quantity(symbol: "BTCUSD", fractions: false, asked: "1.5", ordered: "1", reason: nil),
        Quantity(symbol: "AAPL", fractions: false, asked: "0.9", ordered: nil, reason: .qtyBelowMin),
        Quantity(symbol: "AAPL", fractions: false, asked: "0", ordered: nil, reason: .qtyNonPositive),
        Quantity(symbol: "AAPL", fractions: false, asked: "-3", ordered: nil, reason: .qtyNonPositive),
    ])
    func `is for whole steps, rounded down`(quantity: Quantity) {
        var day = TradingDay()
        day.settings["TRADING_FRACTIONAL_EQUITIES_ENABLED"] = "\(quantity.fractions)"
        let answer = answer(day, Wish(symbol: quantity.symbol, qty: quantity.asked))
        #expect(answer.intent?.terms.qty == quantity.ordered.map(Wish.amount))
        #expect(answer.reasons == (quantity.reason.map { [$0] } ?? []))
        if let ordered = quantity.ordered, ordered != quantity.asked {
            #expect(answer.intent?.requestedQty == Wish.amount(quantity.asked))
            #expect(answer.intent?.limitingConstraint?.text == "qty_step")
        }
    }

    /// What is unset is no limit, what is zero is one, and what cannot be read lets nothing through.
    @Test(
        arguments: [
            ("TRADING_MAX_NOTIONAL_PER_TRADE", "1000", nil),
            ("TRADING_MAX_NOTIONAL_PER_TRADE", "999.99", .maxNotionalExceeded),
            ("TRADING_MAX_NOTIONAL_PER_TRADE", "0", .maxNotionalExceeded),
            ("TRADING_MAX_NOTIONAL_PER_TRADE", "10k", .maxNotionalExceeded),
            ("TRADING_MAX_NOTIONAL_PER_TRADE", "-1", .maxNotionalExceeded),
            ("TRADING_MIN_NOTIONAL_PER_TRADE", "1000.01", .minNotionalNotMet),
            ("TRADING_MAX_POSITION_PCT_EQUITY", "0.01", nil),
            ("TRADING_MAX_POSITION_PCT_EQUITY", "0.009", .maxPositionPctExceeded),
            ("TRADING_MAX_POSITION_PCT_EQUITY", "0", .maxPositionPctExceeded),
            ("TRADING_PORTFOLIO_MAX_NOTIONAL_PER_SYMBOL", "999", .symbolCapacityExhausted),
            ("TRADING_PORTFOLIO_MAX_POSITIONS", "0", .maxPositionsExceeded),
            ("TRADING_PORTFOLIO_MAX_POSITIONS", "1", nil),
            ("TRADING_PORTFOLIO_MAX_GROSS_EXPOSURE", "999", .grossExposureCapacityExhausted),
            ("TRADING_PORTFOLIO_MAX_NET_EXPOSURE", "999", .netExposureCapacityExhausted),
            ("TRADING_STATIC_SYMBOLS", "MSFT, NVDA", .symbolNotAllowed), ("TRADING_STATIC_SYMBOLS", "aapl", nil),
            ("TRADING_STATIC_SYMBOLS", ",", .symbolNotAllowed),
        ] as [(String, String, ReasonCode?)])
    func `is capped by settings`(name: String, value: String, reason: ReasonCode?) {
        var day = TradingDay()
        day.settings[name] = value
        let answer = answer(day, Wish())
        #expect(answer.reasons == (reason.map { [$0] } ?? []), "\(name)=\(value)")
        #expect((answer.intent != nil) == (reason == nil))
        #expect(answer.isRejected == (reason != nil))
    }

    @Test func `takes buying power from the next decision of a batch`() {
        var day = TradingDay()
        day.account.buyingPower = Amount(2_500)
        var state = day.state
        let answers = (1...3).map { number in
            let wish = Wish(age: .milliseconds(100 * number), offset: Int64(number))
            return day.decider.answer(wish.record(on: day), in: &state, on: day.bench)
        }
        #expect(answers.map { $0.intent != nil } == [true, true, false])
        #expect(answers[2].reasons == [.insufficientBuyingPower])
    }

    @Test func `gives buying power back when an intent ends without an order`() throws {
        var day = TradingDay()
        day.account.buyingPower = Amount(1_500)
        var state = day.state
        let first = day.decider.answer(Wish().record(on: day), in: &state, on: day.bench)
        let intent = try #require(first.intent)
        let second = Wish(age: .milliseconds(5), offset: 1).record(on: day)
        #expect(day.decider.decide(second, given: state, on: day.bench).reasons == [.insufficientBuyingPower])
        let withdrawn = IntentWithdrawn(
            intentID: intent.intentID, decisionHash: intent.decisionHash, clientOrderID: intent.clientOrderID,
            withdrawalReason: .expired, attemptCount: 0)
        day.fold(.route(.intentWithdrawn(withdrawn)), symbol: Symbol(trusted: "AAPL"), into: &state)
        #expect(day.decider.decide(second, given: state, on: day.bench).intent != nil)
    }

    struct Sale: Sendable {
        var held: String?
        var available: String?
        var shorts = false
        var shortingEnabled: Bool?
        let qty: String
        var ordered: String?
        var reasons: [ReasonCode] = []
    }

    @Test(arguments: [
        Sale(held: "10", qty: "4", ordered: "4"),
        Sale(held: "10", qty: "15", ordered: "10"),
        Sale(held: "10", available: "3", qty: "4", ordered: "3"),
        Sale(
            held: "10", available: "0", qty: "4",
            reasons: [.sellInventoryUnavailable, .precheckSellQtyExceedsAvailable, .shortsNotAllowed]),
        Sale(qty: "4", reasons: [.shortsNotAllowed]),
        Sale(shorts: true, qty: "4", ordered: "4"),
        Sale(shorts: true, shortingEnabled: false, qty: "4", reasons: [.localAccountShortingDisabled]),
        Sale(held: "10", shorts: true, qty: "15", reasons: [.precheckSellQtyExceedsAvailable]),
    ])
    func `of a sale is what it does to the position`(sale: Sale) {
        var day = TradingDay()
        day.settings["TRADING_ALLOW_SHORTS"] = "\(sale.shorts)"
        day.account.shortingEnabled = sale.shortingEnabled
        if let held = sale.held { day.account.positions = [.of("AAPL", held, available: sale.available)] }
        let answer = answer(day, Wish(action: .sell, qty: sale.qty))
        #expect(answer.intent?.terms.qty == sale.ordered.map(Wish.amount))
        #expect(answer.reasons == sale.reasons)
    }

    @Test func `of two sales in a batch never sells the same shares twice`() {
        var day = TradingDay()
        day.account.positions = [.of("AAPL", "10")]
        var state = day.state
        let quantities = (0..<3).map { number in
            let wish = Wish(action: .sell, qty: "6", age: .milliseconds(number + 1), offset: Int64(number))
            return day.decider.answer(wish.record(on: day), in: &state, on: day.bench).intent?.terms.qty
        }
        #expect(quantities == [Amount(6), Amount(4), nil])
    }

    @Test(
        arguments: [
            (.limit, "99", .limit, "100", true), (.limit, "101", .limit, "100", false),
            (.market, nil, .limit, "100", true),
            (.limit, "101", .market, nil, true),
        ] as [(OrderType, String?, OrderType, String?, Bool)])
    func `is refused when an open order could trade with it`(
        sellType: OrderType, sellLimit: String?, buyType: OrderType, buyLimit: String?, meets: Bool
    ) {
        var day = TradingDay()
        day.account.positions = [.of("AAPL", "10")]
        var state = day.state
        let sale = Wish(action: .sell, qty: "5", type: sellType, limit: sellLimit)
        #expect(day.decider.answer(sale.record(on: day), in: &state, on: day.bench).intent != nil)
        let buy = Wish(type: buyType, limit: buyLimit, offset: 1).record(on: day)
        let reasons = day.decider.decide(buy, given: state, on: day.bench).reasons
        #expect(reasons == (meets ? [.precheckOppositeSideOpenOrder] : []))
    }

    @Test func `needs a price`() {
        #expect(answer(TradingDay(), Wish(type: .market, limit: nil)).reasons == [.missingPrice])
        #expect(answer(TradingDay(), Wish(limit: "0")).reasons.contains(.missingPrice))
    }

    @Test func `of what cannot be counted is above every limit`() {
        var day = TradingDay()
        day.settings["TRADING_MAX_NOTIONAL_PER_TRADE"] = "100000000000000000000000000"
        let wish = Wish(qty: "90000000000000000000000000000", limit: "90000000000000000000000000000")
        let reasons = answer(day, wish).reasons
        #expect(reasons.contains(.maxNotionalExceeded) && reasons.contains(.insufficientBuyingPower))
    }

    @Test func `counts a cooldown from the last intent, and never from itself`() {
        var day = TradingDay()
        day.settings["TRADING_COOLDOWN_SECONDS"] = "60"
        var state = day.state
        #expect(day.decider.answer(Wish(age: .seconds(70)).record(on: day), in: &state, on: day.bench).intent != nil)
        let soon = day.decider.decide(Wish(age: .seconds(11), offset: 1).record(on: day), given: state, on: day.bench)
        #expect(soon.reasons == [.cooldownActive])
        let later = day.decider.decide(Wish(age: .seconds(10), offset: 2).record(on: day), given: state, on: day.bench)
        #expect(later.intent != nil)
    }
}
