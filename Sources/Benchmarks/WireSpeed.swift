import Core
import Domain
import JSON
import Wire

/// Decoding and encoding of events beside simdjson's bare walk over the same bytes, on one core.
enum WireSpeed {
    static func run(rounds: Int = 400_000) throws {
        for (name, event) in try samples() {
            var encoder = EventEncoder()
            let text = encoder.encode(event)
            guard case .event(event) = try decode(text) else { fatalError("the sample does not come back") }
            let walked = try best { try walk(text, rounds) }
            let decoded = try best { try decode(text, rounds) }
            let encoded = best { encode(event, rounds) }
            print(
                "\(name): \(text.count) bytes; bare walk \(walked) ns, decode \(decoded) ns"
                    + " (\(decoded * 100 / max(walked, 1)) %, \(1_000_000 / max(decoded, 1)) thousand/s),"
                    + " encode \(encoded) ns (\(1_000_000 / max(encoded, 1)) thousand/s)")
        }
    }

    /// Nanoseconds for one event: the best of five.
    private static func best(_ body: () throws -> Duration) rethrows -> Int64 {
        var best = Int64.max
        for _ in 0..<5 {
            let parts = try body().components
            best = min(best, parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
        }
        return best
    }

    private static func decode(_ text: [UInt8]) throws -> Decoded {
        var decoder = EventDecoder()
        return try decoder.decode(text)
    }

    private static func decode(_ text: [UInt8], _ rounds: Int) throws -> Duration {
        var decoder = EventDecoder()
        var events = 0
        let took = try ContinuousClock().measure {
            for _ in 0..<rounds {
                if case .event(let event) = try decoder.decode(text), event.envelope.seq > 0 { events += 1 }
            }
        }
        precondition(events == rounds, "every event was read")
        return took / rounds
    }

    private static func encode(_ event: Event, _ rounds: Int) -> Duration {
        var encoder = EventEncoder()
        var bytes = 0
        let took = ContinuousClock().measure {
            for _ in 0..<rounds { bytes += encoder.encode(event).count }
        }
        precondition(bytes > rounds, "every event was written")
        return took / rounds
    }

    /// Parse, then visit every field: texts are copied as bytes, and those that are names are kept as strings.
    private static func walk(_ text: [UInt8], _ rounds: Int) throws -> Duration {
        var parser = JSONParser()
        var copy = [UInt8](repeating: 0, count: 4096)
        var sum = 0
        let took = try ContinuousClock().measure {
            for _ in 0..<rounds {
                let root = try parser.parse(text)
                sum &+= visit(root, &copy)
            }
        }
        precondition(sum > rounds, "every field was seen")
        return took / rounds
    }

    private static func visit(_ value: JSONValue, _ copy: inout [UInt8]) -> Int {
        var sum = 0
        if var fields = value.fields() {
            while let field = fields.next() { sum &+= field.nameBytes.byteCount &+ visit(field.value, &copy) }
        } else if var elements = value.elements() {
            while let element = elements.next() { sum &+= visit(element, &copy) }
        } else if let text = value.utf8 {
            let count = min(text.byteCount, copy.count)
            // Safe: no more is copied than there is room for.
            unsafe text.withUnsafeBytes { from in
                unsafe copy.withUnsafeMutableBytes { into in
                    unsafe into.copyMemory(from: UnsafeRawBufferPointer(rebasing: from[..<count]))
                }
            }
            // What an event keeps as text, the walk keeps as text.
            if count < 16, let string = value.string { sum &+= string.utf8.count } else { sum &+= count }
        } else if let integer = value.int64 {
            sum &+= Int(truncatingIfNeeded: integer)
        }
        return sum
    }
}

extension WireSpeed {
    private static func samples() throws -> [(String, Event)] {
        let hash = ContentHash((1, 2, 3, 4))
        var envelope = Envelope(
            eventID: EventID(high: 0x0123_4567_89AB_8DEF, low: 0x8123_4567_89AB_CDEF),
            eventTime: try Timestamp("2026-02-12T06:35:00.123456789Z"),
            ingestTime: try Timestamp("2026-02-12T06:35:00.223456Z"), account: try AccountLabel("paper"),
            symbol: try Symbol("AAPL"), seq: 812, source: try SourceName("router"),
            correlation: StoryID(high: 1, low: 2))
        let sent = ShadowFailed(
            intentID: IntentID(high: 3, low: 4), decisionHash: DecisionHash((1, 2, 3, 4)), failureTaxonomy: .timeout,
            attempt: 1)
        let decided = DecisionRecorded(
            decisionHash: DecisionHash((1, 2, 3, 4)), strategyID: try StrategyID("macd-rsi"), timeframe: .oneMinute,
            action: .buy,
            terms: OrderTerms(
                qty: try Amount("1.5"), orderType: .limit, timeInForce: .day, limitPrice: try Amount("190.2")),
            identityParams: [], rationale: try Prose("macd above its signal"))
        let small = Event(envelope, .shadow(.shadowFailed(sent)))
        let decision = Event(envelope, .decisions(.decisionRecorded(decided)))
        envelope.causation = EventID(high: 5, low: 6)
        envelope.cause = Cause(topic: "torghut.order-intents.v1", partition: 3, offset: 1729)
        let prepared = AttemptPrepared(
            key: AttemptKey(
                intentID: IntentID(high: 3, low: 4), decisionHash: DecisionHash((1, 2, 3, 4)),
                clientOrderID: try ClientOrderID(DecisionHash((1, 2, 3, 4)).description),
                attemptID: AttemptID(high: 7, low: 8), attempt: 1),
            evidence: RouteEvidence(
                executionExpectedAdapter: .lean, executionAdapter: .lean, executionFallbackCount: 0,
                executionCorrelationID: try CorrelationID("torghut-0123456789abcdef0123"),
                executionIdempotencyKey: try ClientOrderID(DecisionHash((1, 2, 3, 4)).description)),
            operation: .submit, side: .buy,
            terms: OrderTerms(qty: try Amount("1.5"), orderType: .market, timeInForce: .day), requestHash: hash,
            deadline: try Timestamp("2026-02-12T06:35:05Z"), ownerEpoch: 7, tradingMode: .paper, policyHash: hash)
        return [
            ("shadow.failed", small), ("decision.recorded", decision),
            ("route.attempt_prepared", Event(envelope, .route(.attemptPrepared(prepared)))),
        ]
    }
}
