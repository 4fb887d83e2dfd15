import Commands
import Core
import Domain
import Folding
import TestSupport
import Testing
import Threading
import Wire

@Suite struct `Computing verdicts again from a log` {
    private func ground() async throws -> GatesGround {
        try await GatesGround([
            "TRADING_LEAN_LIVE_CANARY_ENABLED": "true", "TRADING_LEAN_LIVE_CANARY_CRYPTO_ONLY": "false",
            "TRADING_LEAN_LIVE_CANARY_ERROR_RATE_LIMIT": "0.25", "TRADING_LEAN_LIVE_CANARY_MINIMUM_SAMPLE": "1",
            "TRADING_LEAN_LIVE_CANARY_HARD_ROLLBACK_ENABLED": "false",
            "TRADING_LEAN_LIVE_CANARY_HEARTBEAT_SECONDS": "1", "TRADING_LEAN_BREAKER_MINIMUM_SAMPLE": "100000",
            "TRADING_LEAN_RUNNER_REQUIRE_HEALTHY": "false",
        ])
    }

    private func said(_ ground: GatesGround) async throws -> [Event] {
        try await ground.events([TopicPartition(TopicCatalog.canary.name, 0)]).map(\.0).filter {
            $0.content.type == .canary(.canaryJudged)
        }
    }

    private func judged(_ ground: GatesGround, more: Int) async throws {
        let before = try await ground.canary().count
        try await ground.judging {
            try await eventually("verdicts") { try await ground.canary().count >= before + more }
        }
    }

    /// What an operator gives in a record's place counts from when he gave it.
    @Test func `folds a patched record where it was patched, and says what cannot be read`() async throws {
        let ground = try await ground()
        try await ground.attempt(fails: true)
        try await judged(ground, more: 2)
        let place = try await ground.garbage(TopicCatalog.route)
        try await ground.attempt(fails: true)
        try await judged(ground, more: 2)
        let unread = try await ground.computedAgain()
        #expect(unread.verdicts == (try await said(ground)) && unread.faults.count == 1, "\(unread.faults)")
        #expect(unread.faults.first?.contains("torghut.route.v1") == true)
        try await ground.patch(place)
        try await judged(ground, more: 2)
        let again = try await ground.computedAgain()
        #expect(again.verdicts == (try await said(ground)) && again.faults.isEmpty, "\(again.faults)")
        // The order of the first attempt lives after all.
        let kept = try await said(ground).compactMap(\.decided)
        #expect(kept.first == 0 && kept.last == 1, "\(kept)")
    }

    @Test func `does not compute what had seen more than this log has`() async throws {
        let ground = try await ground()
        try await ground.attempt(fails: true)
        try await judged(ground, more: 2)
        let evaluations = try await ground.control().compactMap { word -> CanaryEvaluated? in
            if case .canaryEvaluated(let evaluation) = word { evaluation } else { nil }
        }
        var evaluation = try #require(evaluations.last)
        evaluation.vector = PositionVector(
            positions: [
                LogPosition(topic: TopicName(trusted: TopicCatalog.route.name), partition: 0, offset: 1_000_000)
            ])
        try await ground.write(.control(.canaryEvaluated(evaluation)), "AAPL", 777_777)
        let again = try await ground.computedAgain()
        #expect(again.verdicts == (try await said(ground)))
        #expect(again.faults.count == 1 && again.faults[0].contains("behind the end of this log"), "\(again.faults)")
    }

    /// However many strangers lie between them, a bounded number is held.
    @Test func `looks for a verdict among so many others and no more`() async throws {
        let ground = try await ground()
        try await ground.attempt(fails: true)
        try await judged(ground, more: 2)
        let verdict = try #require(try await said(ground).first)
        let strangers = SaidVerdicts.maximumAhead + 100
        try await ground.write((0...strangers).map { verdict.renamed(UInt64($0)) })
        let found = try #require(try await SaidVerdicts.open(ground.log) { _ in true })
        #expect(try await found.take(verdict.envelope.eventID) == verdict)
        #expect(try await found.take(EventID(high: 5, low: UInt64(strangers))) == nil)
        var rest = 0
        while try await found.unasked(isLast: true) != nil { rest += 1 }
        await found.close()
        #expect(rest == (try await said(ground).count) - 1)
    }
}

extension Event {
    /// How many intents were decided when the latest stretch was judged.
    fileprivate var decided: Int64? {
        guard case .canary(.canaryJudged(let verdict)) = content, verdict.isClosed == false,
            verdict.breachType == .fallbackRatioExceeded
        else { return nil }
        return verdict.leanTotal
    }

    fileprivate func renamed(_ number: UInt64) -> Event {
        var envelope = envelope
        envelope.eventID = EventID(high: 5, low: number)
        return Event(envelope, content)
    }
}

extension GatesGround {
    /// A record that nobody can read.
    fileprivate func garbage(_ topic: CatalogTopic) async throws -> RecordPosition {
        let writer = try await log.writer(named: "test")
        let places = try await writer.append(
            Append([NewRecord(topic: topic.name, key: Array("AAPL".utf8), value: Array("{}".utf8))]))
        await writer.close()
        return try #require(places.first)
    }

    fileprivate func write(_ events: [Event]) async throws {
        let writer = try await log.writer(named: "test")
        for start in stride(from: 0, to: events.count, by: 500) {
            let part = Array(events[start..<min(start + 500, events.count)])
            try await writer.append(Append(EventEncoder.records(of: part)))
        }
        await writer.close()
    }

    /// What an operator says a record is: the broker's answer to the first attempt.
    fileprivate func patch(_ place: RecordPosition) async throws {
        let routes = try await events([place.source]).map(\.0)
        let first = try #require(routes.first { $0.content.type == .route(.attemptUnknown) })
        guard case .route(.attemptUnknown(let lost)) = first.content else { return }
        let rejected = AttemptRejected(
            key: lost.key, evidence: lost.evidence, rejectionClass: .brokerRejected, proof: .refusedByContract,
            failureTaxonomy: .http4xx, fallbackAllowed: false, reply: AdapterReply())
        var envelope = first.envelope
        envelope.eventID = EventID(high: 9, low: 555_555)
        var encoder = EventEncoder()
        let record = ParkedKey(
            projection: Label(trusted: "gates"), projectionVersion: 1,
            sourceTopic: TopicName(trusted: place.source.topic), sourcePartition: Int64(place.source.partition),
            sourceOffset: place.offset)
        let patched = QuarantinePatched(
            order: ControlOrder(scope: .global, actor: ActorName(trusted: "ann"), reason: try Prose("it was this")),
            record: record,
            patchedValue: try Octets(encoder.encode(Event(envelope, .route(.attemptRejected(rejected))))),
            originalSHA256: EventMint.content([]))
        try await write(.control(.quarantinePatched(patched)), "AAPL", 888_888)
    }
}
