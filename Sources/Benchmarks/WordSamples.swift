import Core
import Domain
import Wire

/// Events of one type with different ids, symbols and times, as values and as bytes.
struct WordSamples {
    let name: String
    let events: [Event]
    let texts: [[UInt8]]
    /// The fields whose texts the event keeps as strings.
    let keptFields: Set<String>
    /// How many strings one event keeps.
    let keptStrings: Int

    /// A power of two; the benchmarks take one after the other.
    static let count = 64

    var bytes: Int { texts.reduce(0) { $0 + $1.count } / texts.count }

    private init(
        _ name: String, keeping fields: Set<String>, _ make: (inout Envelope, UInt64) throws -> DomainEvent
    ) throws {
        self.name = name
        keptFields = fields.union(["account_label", "symbol", "source"])
        keptStrings = keptFields.count
        events = try (1...Self.count).map { number in
            let number = UInt64(number)
            var envelope = try Self.envelope(number)
            let content = try make(&envelope, number)
            return Event(envelope, content)
        }
        var encoder = EventEncoder()
        texts = events.map { encoder.encode($0) }
        var decoder = EventDecoder()
        for (text, event) in zip(texts, events) {
            guard case .event(event) = try decoder.decode(text) else { fatalError("a sample does not come back") }
        }
    }

    private static func envelope(_ number: UInt64) throws -> Envelope {
        let symbols = ["AAPL", "MSFT", "NVDA", "AMZN", "META", "TSLA", "NFLX", "ORCL"]
        let second = number % 50 + 10
        return Envelope(
            eventID: EventID(hashed: word(number, 1), word(number, 2)),
            eventTime: try Timestamp("2026-02-12T06:35:\(second)Z"),
            ingestTime: try Timestamp("2026-02-12T06:35:\(second).\(100 + number)Z"),
            account: try AccountLabel("paper"),
            symbol: try Symbol(symbols[Int(number) % symbols.count]), seq: 800 + Int64(number),
            source: try SourceName("router"), correlation: StoryID(hashed: word(number, 3), word(number, 4)))
    }

    /// Bits that look like those of a hash.
    private static func word(_ number: UInt64, _ salt: UInt64) -> UInt64 {
        (number &+ 1) &* 0x9E37_79B9_7F4A_7C15 ^ (salt &+ number) &* 0xC2B2_AE3D_27D4_EB4F
    }

    private static func hash(_ number: UInt64) -> DecisionHash {
        DecisionHash((word(number, 5), word(number, 6), word(number, 7), word(number, 8)))
    }
}

extension WordSamples {
    static func all() throws -> [WordSamples] {
        [try failedEvaluations(), try failedShadows(), try decisions(), try attempts()]
    }

    /// The envelope of some 400 bytes that the target is stated for.
    static func failedEvaluations() throws -> WordSamples {
        try WordSamples("strategy_shadow.failed", keeping: ["run_id", "strategy_id"]) { _, number in
            .strategyShadow(
                .strategyShadowFailed(
                    StrategyShadowFailed(
                        runID: try Label("nightly-\(10 + number)"), strategyID: try StrategyID("macd-rsi"),
                        failureTaxonomy: .timeout, disableSwitchActive: false)))
        }
    }

    private static func failedShadows() throws -> WordSamples {
        try WordSamples("shadow.failed", keeping: []) { _, number in
            .shadow(
                .shadowFailed(
                    ShadowFailed(
                        intentID: IntentID(hashed: word(number, 9), word(number, 10)), decisionHash: hash(number),
                        failureTaxonomy: .timeout, attempt: 1)))
        }
    }

    private static func decisions() throws -> WordSamples {
        try WordSamples("decision.recorded", keeping: ["strategy_id", "rationale"]) { _, number in
            .decisions(
                .decisionRecorded(
                    DecisionRecorded(
                        decisionHash: hash(number), strategyID: try StrategyID("macd-rsi"), timeframe: .oneMinute,
                        action: .buy,
                        terms: OrderTerms(
                            qty: try Amount("1.5"), orderType: .limit, timeInForce: .day,
                            limitPrice: try Amount("190.\(10 + number)1")),
                        identityParams: [], rationale: try Prose("macd above its signal"))))
        }
    }

    private static func attempts() throws -> WordSamples {
        let kept: Set = ["cause", "client_order_id", "execution_correlation_id", "execution_idempotency_key"]
        return try WordSamples("route.attempt_prepared", keeping: kept) { envelope, number in
            envelope.causation = EventID(hashed: word(number, 11), word(number, 12))
            envelope.cause = Cause(topic: "torghut.order-intents.v1", partition: 3, offset: 1700 + Int64(number))
            let hash = hash(number)
            let policy = ContentHash((1, 2, 3, 4))
            return .route(
                .attemptPrepared(
                    AttemptPrepared(
                        key: AttemptKey(
                            intentID: IntentID(hashed: word(number, 9), word(number, 10)), decisionHash: hash,
                            clientOrderID: try ClientOrderID(hash.description),
                            attemptID: AttemptID(hashed: word(number, 13), word(number, 14)), attempt: 1),
                        evidence: RouteEvidence(
                            executionExpectedAdapter: .lean, executionAdapter: .lean, executionFallbackCount: 0,
                            executionCorrelationID: try CorrelationID("torghut-0123456789abcdef01\(10 + number)"),
                            executionIdempotencyKey: try ClientOrderID(hash.description)),
                        operation: .submit, side: .buy,
                        terms: OrderTerms(qty: try Amount("1.5"), orderType: .market, timeInForce: .day),
                        requestHash: policy, deadline: try Timestamp("2026-02-12T06:36:05Z"), ownerEpoch: 7,
                        tradingMode: .paper, policyHash: policy)))
        }
    }
}
