import Core
import Domain
import Wire

/// One order from decision to its last fill, with everything that can go wrong.
struct OrderLife {
    let account: AccountLabel
    let symbol: Symbol
    let strategy: StrategyID
    let side: Side
    let hash: DecisionHash
    let client: ClientOrderID
    let intent: IntentID
    let story: StoryID
    let qty: Amount
    /// Mid of the quote it was decided on, in hundredths.
    let cents: Int64
    let quote: ReferenceQuote?
    var random: SplitMix64
    var now: Timestamp
    private(set) var events: [Event] = []

    /// Begins so many nanoseconds after the story does.
    init(seed: UInt64, number: Int, account: AccountLabel, symbol: Symbol, after nanoseconds: Int64) {
        var random = SplitMix64(seed: seed)
        self.account = account
        self.symbol = symbol
        strategy = StrategyID(trusted: "strat-\(random.next() % 5)")
        side = random.next() % 2 == 0 ? .buy : .sell
        // 2026-02-12T06:35:00Z is where the story begins.
        let start = 1_770_878_100_000_000_000 + nanoseconds + Int64(random.next() % 1_000)
        now = Timestamp(nanoseconds: start)
        do {
            hash = EventMint.hash(
                try DecisionIdentity(
                    account: account, strategy: strategy, symbol: symbol, eventTime: now, timeframe: .oneMinute,
                    action: side,
                    parameters: [IdentityParameter(name: Label(trusted: "order"), value: Label(trusted: "\(number)"))]))
        } catch { preconditionFailure("\(error)") }
        client = ClientOrderID(trusted: "\(hash)")
        intent = EventMint.intentID(of: hash, account: account.text)
        story = StoryID(high: random.next(), low: random.next())
        qty = Amount(Int64(1 + random.next() % 400))
        cents = Int64(100 + random.next() % 50_000)
        let (bid, ask) = (Self.price(cents - 1), Self.price(cents + 1 + Int64(random.next() % 2)))
        quote =
            random.next() % 20 == 0
            ? nil
            : ReferenceQuote(
                bid: bid, ask: ask, bidSize: 100, askSize: 200, quoteTime: now, source: SourceName(trusted: "quotes"))
        self.random = random
    }

    static func price(_ cents: Int64) -> Amount { Amount(units: Int128(cents) * 10_000_000) }

    var terms: OrderTerms {
        OrderTerms(qty: qty, orderType: .limit, timeInForce: .day, limitPrice: Self.price(cents + 5))
    }

    /// True so many times in a hundred.
    mutating func chance(_ percent: UInt64) -> Bool { random.next() % 100 < percent }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int(random.next() % UInt64(values.count))] }

    mutating func eventID() -> EventID { EventID(hashed: random.next(), random.next()) }

    static func prose(_ text: String) -> Prose {
        do { return try Prose(text) } catch { preconditionFailure("\(error)") }
    }

    /// Time passes, and something happens.
    mutating func append(_ content: DomainEvent, from source: StaticString) {
        now = Timestamp(nanoseconds: now.nanoseconds + Int64(1_000 + random.next() % 40_000_000))
        events.append(event(content, from: source))
    }

    mutating func event(_ content: DomainEvent, from source: StaticString) -> Event {
        Event(
            Envelope(
                eventID: eventID(), eventTime: now, ingestTime: now, account: account, symbol: symbol,
                seq: Int64(events.count), source: SourceName(trusted: "\(source)"), correlation: story,
                causation: events.last?.envelope.eventID),
            content)
    }

    /// The same record once more, as a producer sends it again.
    mutating func repeatLast() {
        if let last = events.last { events.append(last) }
    }

    mutating func insert(_ event: Event, at index: Int) { events.insert(event, at: index) }

    /// What was told from `start` on comes in another order; the router's own words keep theirs.
    mutating func shuffle(from start: Int) {
        let routed = events[start...].filter(\.isRouted)
        events[start...].shuffle(using: &random)
        var next = 0
        for index in start..<events.count where events[index].isRouted {
            events[index] = routed[next]
            next += 1
        }
    }
}

extension OrderLife {
    /// Eight events and no surprise: decided, sent by LEAN, filled in two slices.
    mutating func tellPlainly() {
        decide()
        emit()
        let attempt = Attempt(of: self, number: 1, adapter: .lean, expected: .lean)
        prepare(attempt)
        accept(attempt, status: .accepted)
        var broker = BrokerSide(client: client, alpaca: attempt.alpacaOrderID, qty: qty)
        update(&broker, "new")
        fill(&broker, part: 2)
        fill(&broker, part: 1)
        append(
            .route(
                .attemptSent(AttemptSent(key: attempt.key, evidence: attempt.evidence, sentAt: now, sentBytes: 431))),
            from: "router")
    }

    /// Anything may happen.
    mutating func tell() {
        decide()
        if chance(2) { conflict() }
        switch random.next() % 20 {
        case 0, 1: return reject()
        case 2: return block()
        default: emit()
        }
        if chance(3) {
            return withdraw(.expired, after: 0)
        }
        let start = events.count
        guard let attempt = route() else { return }
        trade(attempt.alpacaOrderID, adapter: attempt.adapter)
        // Early and late: the update stream does not wait for the router's answer.
        if chance(25) { shuffle(from: min(start + 1, events.count)) }
        if chance(20) { repeatLast() }
    }
}

extension Event {
    fileprivate var isRouted: Bool {
        if case .route = content { true } else { false }
    }
}
