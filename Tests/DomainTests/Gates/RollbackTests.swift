import Core
import Domain
import TestSupport
import Testing

/// A hard rollback, told as the log tells it.
private struct RollbackTale {
    static let latch = EventID(high: 8, low: 8)
    static let start = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    static func at(_ milliseconds: Int64) -> Timestamp { start.advanced(by: .milliseconds(milliseconds)) ?? .latest }

    static func event(_ content: DomainEvent, _ milliseconds: Int64, _ id: EventID = EventID(high: 1, low: 1)) -> Event
    {
        Event(
            Envelope(
                eventID: id, eventTime: at(milliseconds), ingestTime: at(milliseconds),
                source: SourceName(trusted: "test"), correlation: StoryID(high: 1, low: 1)), content)
    }

    static let latched = event(
        .control(
            .emergencyStopLatched(
                EmergencyStopLatched(
                    order: TradingDay.order(), stopReasons: [], latchedAt: at(40),
                    incidentKey: Label(trusted: "lean_canary:x:1"), recoverable: false, evidenceAt: at(10)))), 40, latch
    )

    static func order(_ number: UInt64) -> OrderKey {
        let key = CanaryWorld.key(number)
        return OrderKey(
            intentID: key.intentID, decisionHash: key.decisionHash, clientOrderID: key.clientOrderID,
            alpacaOrderID: BrokerOrderID(trusted: "o"))
    }

    static func taken(_ number: UInt64, _ milliseconds: Int64, by adapter: Adapter = .lean) -> Event {
        let routes = CanaryWorld.routes(CanaryWorld.key(number), .kept, adapter, at: at(milliseconds))
        return event(.route(routes[0]), milliseconds)
    }

    static func asked(
        _ number: UInt64, _ milliseconds: Int64 = 60, _ adapter: Adapter = .lean, try attempt: UInt64 = 1,
        because reason: CancelReason = .emergencyStop
    ) -> Event {
        event(
            .route(
                .cancelRequested(
                    CancelRequested(
                        order: order(number), cancelID: EventID(high: attempt, low: number), cancelReason: reason,
                        executionAdapter: adapter, executionCorrelationID: CorrelationID(trusted: "c"),
                        controlEventID: reason == .emergencyStop ? latch : nil))), milliseconds)
    }

    static func confirmed(_ number: UInt64, _ milliseconds: Int64, try attempt: UInt64 = 1) -> Event {
        event(
            .route(
                .cancelConfirmed(
                    CancelConfirmed(
                        order: order(number), cancelID: EventID(high: attempt, low: number), executionAdapter: .lean,
                        status: BrokerWord(trusted: "canceled"), confirmedBy: .updateStream,
                        canceledAt: at(milliseconds), reply: AdapterReply()))), milliseconds)
    }

    static func told(_ number: UInt64, _ status: String, _ milliseconds: Int64) -> Event {
        var update = BrokerUpdateRecorded(
            eventFingerprint: CanaryWorld.nothing, sourceTopic: TopicName(trusted: "torghut.trade-updates.v1"),
            sourcePartition: 0, sourceOffset: 0, updateShape: .rawFrame, accountLabelOrigin: .laneDefault,
            classification: .applied, rawEvent: .emptyObject)
        update.decisionHash = CanaryWorld.key(number).decisionHash
        update.clientOrderID = CanaryWorld.key(number).clientOrderID
        update.alpacaOrderID = BrokerOrderID(trusted: "o")
        update.status = BrokerWord(trusted: status)
        return event(.orderEvents(.brokerUpdateRecorded(update)), milliseconds)
    }

    static func row(_ events: [Event]) -> RollbackFold.Row? {
        var fold = RollbackFold()
        for event in events { fold.fold(event) }
        return fold.latest
    }
}

@Suite struct `A hard rollback` {
    private typealias Tale = RollbackTale

    /// Three orders of LEAN are open: two are canceled, one is filled before; Alpaca's is none of it.
    private static let whole = [
        Tale.taken(1, 1), Tale.taken(2, 2), Tale.taken(3, 3), Tale.taken(4, 4, by: .alpaca), Tale.asked(1),
        Tale.asked(2), Tale.asked(4, 60, .alpaca), Tale.told(3, "filled", 55), Tale.confirmed(1, 300),
        Tale.confirmed(2, 250),
    ]

    @Test func `is measured from the last fact to the last end, in whatever order topics are read`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            // Each topic keeps its order; how they lie between each other says nothing.
            var lanes = [
                [Tale.latched], Self.whole.filter { $0.content.type.family == .route },
                Self.whole.filter { $0.content.type.family == .orderEvents },
            ]
            var fold = RollbackFold()
            while let lane = lanes.indices.filter({ !lanes[$0].isEmpty }).randomElement(using: &random) {
                fold.fold(lanes[lane].removeFirst())
                if Int.random(in: 0..<4, using: &random) == 0 {
                    var writer = StateWriter()
                    fold.walk(&writer)
                    var reader = StateReader(writer.bytes)
                    fold = try RollbackFold.filled(by: &reader)
                }
            }
            let row = try #require(fold.latest)
            #expect((row.orders, row.ended) == (3, 3) && row.took == .milliseconds(290), "seed \(seed): \(row)")
        }
    }

    /// Not before every order that was open is over: the first router that is done says nothing of the others.
    @Test func `is not over while an order that was open at the stop is`() throws {
        var events = [Tale.taken(1, 1), Tale.taken(2, 2), Tale.latched]
        #expect(Tale.row(events)?.took == nil && Tale.row(events)?.waiting == 2)
        events += [Tale.asked(1), Tale.confirmed(1, 300)]
        #expect(Tale.row(events)?.took == nil && Tale.row(events)?.waiting == 1)
        events += [Tale.asked(2, 70), Tale.told(2, "canceled", 310)]
        // What the broker tells is no confirmation yet of what was asked for.
        #expect(Tale.row(events)?.waiting == 1)
        events += [Tale.confirmed(2, 320)]
        #expect(Tale.row(events)?.took == .milliseconds(310))
    }

    @Test func `took no time when nothing was open, and says that it knows of none`() throws {
        let row = try #require(Tale.row([Tale.taken(1, 1), Tale.told(1, "filled", 20), Tale.latched]))
        #expect(row.orders == 0 && row.took == nil)
        // One that was taken after the stop is none that was open; one that its router cancels for it is.
        #expect(Tale.row([Tale.latched, Tale.taken(1, 45)])?.orders == 0)
        let late = Tale.row([Tale.latched, Tale.taken(1, 45), Tale.asked(1), Tale.confirmed(1, 100)])
        #expect(late?.orders == 1 && late?.took == .milliseconds(90))
    }

    @Test func `counts an order whose cancellation a person had asked for already`() throws {
        let events = [
            Tale.taken(1, 1), Tale.asked(1, 30, because: .byOperator), Tale.latched, Tale.confirmed(1, 200),
        ]
        #expect(Tale.row(events)?.orders == 1 && Tale.row(events)?.took == .milliseconds(190))
    }

    /// A replacement took the order's place: only the request for that one ends it.
    @Test func `waits for the order that took another's place`() throws {
        var events = [Tale.taken(1, 1), Tale.latched, Tale.asked(1), Tale.asked(1, 90, .alpaca, try: 2)]
        #expect(Tale.row(events + [Tale.confirmed(1, 100)])?.waiting == 1)
        events.append(Tale.confirmed(1, 300, try: 2))
        #expect(Tale.row(events)?.orders == 1 && Tale.row(events)?.took == .milliseconds(290))
    }

    @Test func `remembers a bounded number of orders that are over`() throws {
        var fold = RollbackFold()
        for number in 0..<UInt64(RollbackFold.maximumOver * 2) {
            fold.fold(Tale.taken(number, 1))
            fold.fold(Tale.told(number, "filled", 2 + Int64(number % 30)))
        }
        var writer = StateWriter()
        fold.walk(&writer)
        #expect(writer.bytes.count < 400 * RollbackFold.maximumOver, "\(writer.bytes.count) bytes")
        fold.fold(Tale.taken(UInt64.max, 1))
        fold.fold(Tale.latched)
        #expect(fold.latest?.orders == 1)
    }
}
