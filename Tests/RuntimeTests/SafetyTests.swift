import Commands
import Core
import Domain
import TestSupport
import Testing
import Wire

@testable import Runtime

func prose(_ text: String) -> Prose {
    do { return try Prose(text) } catch { preconditionFailure("\(error)") }
}

/// A log as operators and roles leave it, and what is said of it.
struct SafetyGround {
    let log = MemoryLog()
    let folder = TemporaryFolder()
    let settings: Settings

    init() async throws {
        try await log.create(TopicCatalog.specs)
        settings = try Settings(log: "journal:nowhere", data: folder.path, environment: [:])
    }

    static func now(_ second: Int64) -> Timestamp { Timestamp(nanoseconds: (1_770_000_000 + second) * 1_000_000_000) }

    static func event(_ content: DomainEvent, at second: Int64) -> Event {
        let id = EventMint.eventID(.outside(source: "safety", key: "\(content.type.name)/\(second)"))
        return Event(
            Envelope(
                eventID: id, eventTime: now(second), ingestTime: now(second), account: AccountLabel(trusted: "paper"),
                symbol: Symbol(trusted: "AAPL"), source: SourceName(trusted: "test"),
                correlation: StoryID(high: id.high, low: id.low)),
            content)
    }

    @discardableResult
    func append(_ content: DomainEvent, at second: Int64) async throws -> RecordPosition {
        var encoder = EventEncoder()
        return try await append(encoder.record(Self.event(content, at: second)))
    }

    @discardableResult
    func append(_ record: NewRecord) async throws -> RecordPosition {
        let writer = try await log.writer(named: "test")
        let places = try await writer.append(Append([record]))
        await writer.close()
        return try #require(places.first)
    }

    /// Where records of the ground's symbol lie.
    func garbage(on topic: CatalogTopic) async throws -> RecordPosition {
        let partition = Murmur2Partitioner.partition(forKey: Array("AAPL".utf8), of: topic.spec.partitions)
        return try await append(
            NewRecord(topic: topic.name, partition: partition, key: Array("k".utf8), value: Array("{".utf8)))
    }

    static var order: ControlOrder {
        ControlOrder(scope: .global, actor: ActorName(trusted: "anna"), reason: prose("a test"))
    }

    static func key(_ place: RecordPosition) -> ParkedKey {
        ParkedKey(
            projection: Label(trusted: "executions"), projectionVersion: 1,
            sourceTopic: TopicName(trusted: place.source.topic), sourcePartition: Int64(place.source.partition),
            sourceOffset: place.offset)
    }

    static var kill: Control {
        .killSwitchEngaged(
            KillSwitchEngaged(
                order: ControlOrder(scope: .global, actor: ActorName(trusted: "anna"), reason: prose("patched in")),
                killSource: .command, triggeredAt: now(1), reached: [], notReached: []))
    }

    func safety() async throws -> Safety {
        var safety = Safety(settings, at: Self.now(100))
        safety.look(at: try await Safety.fold(log, settings.policy.policy.gates))
        return safety
    }

    func reasons(_ what: String) async throws -> [String] {
        try await safety().reasons.filter { $0.what == what }.compactMap(\.reason)
    }
}

@Suite struct `Whether trading can go on` {
    @Test(arguments: [TopicCatalog.control, TopicCatalog.route, TopicCatalog.orderEvents, TopicCatalog.canary])
    func `is not denied for ever by a record that an operator skipped`(topic: CatalogTopic) async throws {
        let ground = try await SafetyGround()
        try await ground.append(.control(.killSwitchReleased(KillSwitchReleased(order: SafetyGround.order))), at: 1)
        let place = try await ground.garbage(on: topic)
        #expect(try await ground.reasons("unreadable").count == 1)
        #expect(
            try await ControlView.read(ground.log).unreadable.count == (topic.name == TopicCatalog.control.name ? 1 : 0)
        )
        let skipped = QuarantineSkipped(order: SafetyGround.order, record: SafetyGround.key(place))
        try await ground.append(.control(.quarantineSkipped(skipped)), at: 2)
        #expect(try await ground.reasons("unreadable").isEmpty)
        #expect(try await ControlView.read(ground.log).unreadable.isEmpty)
    }

    /// What was patched counts as what it says: here it is an order to stop.
    @Test func `follows what an operator gave in the place of a record`() async throws {
        let ground = try await SafetyGround()
        try await ground.append(.control(.killSwitchReleased(KillSwitchReleased(order: SafetyGround.order))), at: 1)
        let place = try await ground.garbage(on: TopicCatalog.control)
        var encoder = EventEncoder()
        let stop = encoder.record(SafetyGround.event(.control(SafetyGround.kill), at: 2))
        func patch(_ value: [UInt8], at second: Int64) async throws {
            try await ground.append(
                .control(
                    .quarantinePatched(
                        QuarantinePatched(
                            order: SafetyGround.order, record: SafetyGround.key(place), patchedValue: Octets(value),
                            originalSHA256: EventMint.content(Array("{".utf8))))), at: second)
        }
        try await patch(Array("{".utf8), at: 3)
        #expect(try await ground.reasons("unreadable").first?.contains("in its place cannot be read either") == true)
        try await patch(try #require(stop.value), at: 4)
        #expect(try await ground.reasons("unreadable").isEmpty)
        let stopped = try await ground.reasons("kill_switch")
        #expect(stopped == ["patched in"], "\(stopped)")
        let view = try await ControlView.read(ground.log)
        #expect(view.state.kill.isEngaged && view.unreadable.isEmpty && view.engagements.count == 1)
        // It was folded at its own place, and control is known as far as it was.
        #expect(view.state.position == 4)
    }

    @Test func `is denied by a record that was parked again after an operator let it go`() async throws {
        let ground = try await SafetyGround()
        let place = RecordPosition(TopicPartition(TopicCatalog.route.name, 0), 7)
        let parked = RecordParked(
            record: SafetyGround.key(place), parkReason: .foldRefused, detail: prose("odd"), recordBytes: 1,
            recordTruncated: false, recordSHA256: EventMint.content([]))
        let released = QuarantineReleased(order: SafetyGround.order, record: SafetyGround.key(place))
        try await ground.append(.quarantine(.recordParked(parked)), at: 1)
        #expect(try await ground.reasons("quarantine").count == 1)
        try await ground.append(.control(.quarantineReleased(released)), at: 2)
        #expect(try await ground.reasons("quarantine").isEmpty)
        try await ground.append(.quarantine(.recordParked(parked)), at: 3)
        #expect(try await ground.reasons("quarantine").count == 1)
    }
}

@Suite struct `An audit of a log with a record that cannot be read` {
    private func audit(_ ground: SafetyGround) async throws -> StoryAudit.Report {
        try await StoryAudit(ground.log).run(since: .earliest, until: .latest, at: SafetyGround.now(100))
    }

    @Test func `is satisfied by an operator's word, and takes what he gave`() async throws {
        let ground = try await SafetyGround()
        let (first, second) = (
            try await ground.garbage(on: TopicCatalog.route), try await ground.garbage(on: TopicCatalog.decisions)
        )
        #expect(try await audit(ground).unreadable.map(\.place).sorted() == [second, first].sorted())
        let skipped = QuarantineSkipped(order: SafetyGround.order, record: SafetyGround.key(first))
        try await ground.append(.control(.quarantineSkipped(skipped)), at: 2)
        #expect(try await audit(ground).unreadable.map(\.place) == [second])

        let at = SafetyGround.now(3)
        let hash = EventMint.hash(
            try DecisionIdentity(
                account: AccountLabel("paper"), strategy: StrategyID("s"), symbol: Symbol("AAPL"), eventTime: at,
                timeframe: .oneMinute, action: .buy))
        let decided = DecisionRecorded(
            decisionHash: hash, strategyID: StrategyID(trusted: "s"), timeframe: .oneMinute, action: .buy,
            terms: OrderTerms(qty: Amount(1), orderType: .market, timeInForce: .day), identityParams: [])
        var encoder = EventEncoder()
        let record = encoder.record(SafetyGround.event(.decisions(.decisionRecorded(decided)), at: 3))
        let patched = try QuarantinePatched(
            order: SafetyGround.order, record: SafetyGround.key(second), patchedValue: Octets(record.value ?? []),
            originalSHA256: EventMint.content(Array("{".utf8)))
        try await ground.append(.control(.quarantinePatched(patched)), at: 4)
        let report = try await audit(ground)
        #expect(report.unreadable.isEmpty && report.orders == 1, "\(report)")
        // And its story is found by its ids, though the record itself says nothing of them.
        let story = try await StorySearch(ground.log).story(named: "\(hash)", at: SafetyGround.now(100))
        #expect(story?.told.count == 1)
    }
}
