import Bus
import Commands
import Core
import Domain
import RouterTestSupport
import TestSupport
import Testing
import Threading

/// What the log may do to a router.
@Suite(.serialized) struct `A router whose log misbehaves` {
    /// Without its answer nothing would ever tell what became of the attempt: the broker refused, so it shows nothing.
    @Test(arguments: [AppendFault.beforeWriting, .afterWriting])
    func `keeps an answer until its append is known to be on the log`(fault: AppendFault) async throws {
        let ground = try await RouterGround()
        let journal = JournalLog(ground.journal)
        let partition = RouterGround.partition(of: "AAPL")
        var maker = IntentMaker(ground.words.policy.routing, prefix: "kept-\(fault)")
        let event = maker.next("AAPL", expected: .alpaca, at: ground.time.now())
        let intent = try #require(event.intent)
        try await ground.broker.control("/_sim/outcomes", #"{"action": "reject"}"#)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), event], to: journal)
        // The first append prepares, the second is the answer's.
        let log = FaultyLog(journal, failing: "torghut.router.\(partition)", [.none, fault])
        let router = RouterHere(ground.words, on: log, partitions: [partition])
        let story = try await router.story(.seconds(10)) { $0.ending(of: intent.intentID) == .nothingLive }
        #expect(story.ending(of: intent.intentID) == .nothingLive, "\(story.kinds(of: intent.intentID))")
        let kinds = story.kinds(of: intent.intentID)
        #expect(kinds.filter { $0 == "attempt_rejected" || $0 == "attempt_resolved" }.count == 1, "\(kinds)")
        // What landed is there to be read before the router learns that its answer is lost.
        try await eventually("the restart", within: .seconds(10)) {
            router.notes.all.contains { $0.hasPrefix("restarting") }
        }
        await router.fleet.end()
        await journal.close()
    }

    /// The log's own fence speaks only to whoever writes.
    @Test func `leaves a partition in which another owner prepared, though it has nothing to write itself`()
        async throws
    {
        let ground = try await RouterGround()
        let log = JournalLog(ground.journal)
        let partition = RouterGround.partition(of: "AAPL")
        var maker = IntentMaker(ground.words.policy.routing, prefix: "foreign")
        let event = maker.next("AAPL", expected: .alpaca, at: ground.time.now())
        let intent = try #require(event.intent)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), event], to: log)
        let router = RouterHere(ground.words, on: log, partitions: [partition])
        _ = try await router.story { $0.ending(of: intent.intentID) == .live }
        // An owner from before this one may have written until it was fenced.
        try await RouterGround.append([foreign(epoch: 0, at: ground.time.now())], to: log)
        let second = maker.next("AAPL", expected: .alpaca, at: ground.time.now())
        try await RouterGround.append([second], to: log)
        let secondID = try #require(second.intent).intentID
        _ = try await router.story { $0.ending(of: secondID) == .live }
        #expect(router.fleet.ended.isEmpty)
        try await RouterGround.append([foreign(epoch: 2, at: ground.time.now())], to: log)
        try await eventually("the end", within: .seconds(10)) { router.fleet.ended[partition] != nil }
        #expect(router.notes.all.contains { $0.hasPrefix("fenced") }, "\(router.notes.all)")
        await router.fleet.end()
        await log.close()
    }

    /// P8: an order that is open ends, whatever is away; only the record of it waits.
    @Test func `cancels what is open at a stop also while nothing can be written, and writes it down afterwards`()
        async throws
    {
        let ground = try await RouterGround()
        let journal = JournalLog(ground.journal)
        let partition = RouterGround.partition(of: "AAPL")
        var words = ground.words
        words.settings["TRADING_KILL_LEASE"] = "1"
        var maker = IntentMaker(words.policy.routing, prefix: "away")
        let event = maker.next("AAPL", at: ground.time.now())
        let intent = try #require(event.intent)
        try await ground.broker.control(
            "/_sim/outcomes", #"{"action": "rest", "client_order_id": "\#(intent.clientOrderID.text)"}"#)
        try await RouterGround.write([IntentMaker.released(at: ground.time.now()), event], to: journal)
        let log = SwitchedLog(journal)
        let latch = Guard(false)
        let router = RouterHere(words, on: log, partitions: [partition]) { LocalStop(latchFile: latch.value) }
        _ = try await router.story { $0.ending(of: intent.intentID) == .live }
        log.isAway.change { $0 = true }
        latch.change { $0 = true }
        try await eventually("the end of the order", within: .seconds(10)) {
            try await ground.broker.control("/_sim/summary")("open", as: Int.self) == 0
        }
        let before = try await RouteStory.open(journal, words.policy.routing.timing)
        try await before.readAll()
        await before.close()
        #expect(!before.kinds(of: intent.intentID).contains("cancel_requested"))
        log.isAway.change { $0 = false }
        let story = try await router.story { $0.kinds(of: intent.intentID).contains("cancel_confirmed") }
        #expect(story.kinds(of: intent.intentID).suffix(2) == ["cancel_requested", "cancel_confirmed"])
        let reasons = story.route.compactMap { event -> String? in
            if case .cancelRequested(let wanted) = event { wanted.reason?.text } else { nil }
        }
        #expect(reasons.count == 1, "\(reasons)")
        #expect(reasons.first?.contains("while nothing could be written") == true, "\(reasons)")
        await router.fleet.end()
        await journal.close()
    }

    private func foreign(epoch: Int64, at now: Timestamp) -> Event {
        let hash = DecisionHash((9, 9, 9, UInt64(epoch)))
        let id = ClientOrderID(trusted: hash.description)
        let key = AttemptKey(
            intentID: IntentID(high: 9, low: UInt64(epoch)), decisionHash: hash, clientOrderID: id,
            attemptID: AttemptID(high: 9, low: UInt64(epoch)), attempt: 1)
        let evidence = RouteEvidence(
            executionExpectedAdapter: .alpaca, executionAdapter: .alpaca, executionFallbackCount: 0,
            executionCorrelationID: CorrelationID(trusted: "foreign"), executionIdempotencyKey: id)
        let prepared = AttemptPrepared(
            key: key, evidence: evidence, operation: .submit, side: .buy,
            terms: OrderTerms(qty: 1, orderType: .market, timeInForce: .day), requestHash: ContentHash((0, 0, 0, 0)),
            deadline: now, ownerEpoch: epoch, tradingMode: .paper, policyHash: ContentHash((0, 0, 0, 0)))
        return IntentMaker.event(
            .route(.attemptPrepared(prepared)), "foreign-\(epoch)", symbol: Symbol(trusted: "AAPL"), at: now)
    }
}
