import Commands
import Core
import Domain
import Folding
import Synchronization
import TestSupport
import Testing
import Wire

/// A log with everything that lets a decision become an intent, and what happens on it.
struct TradingFloor {
    static let paper = AccountLabel(trusted: "paper")
    static let strategy = StrategyID(trusted: "strategy")
    static let reason: Prose = {
        do { return try Prose("because") } catch { preconditionFailure("\(error)") }
    }()

    let log: any EventLog
    let time = HandTime()
    let watch = CommandWatch()
    let folder: TemporaryFolder
    var settings = ["TRADING_ENABLED": "true", "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret"]
    var limits = HandlerLimits()
    let latch = Latch()

    final class Latch: Sendable {
        private let closed = Mutex(false)
        var isClosed: Bool { closed.withLock { $0 } }
        func close() { closed.withLock { $0 = true } }
    }

    init(_ log: any EventLog = MemoryLog()) async throws {
        self.log = log
        folder = TemporaryFolder()
        if try await log.describe().isEmpty { try await log.create(TopicCatalog.specs) }
    }

    func policy() -> PolicyInForce {
        PolicyInForce(Policy(settings: { [settings] in settings[$0] }), mint: EventMint.mint)
    }

    func context(_ log: (any EventLog)? = nil, watch: CommandWatch? = nil, snapshots: String = "s") -> HandlerContext {
        var context = HandlerContext(
            log: log ?? self.log, decider: TradingDecider(policy(), mint: EventMint.mint), time: time,
            localStop: { [latch] in LocalStop(latchFile: latch.isClosed) },
            snapshots: SnapshotStore(folder: "\(folder.path)/\(snapshots)", logID: "log"),
            observer: watch ?? self.watch)
        context.limits = limits
        return context
    }

    /// Released, enabled, with facts.
    func open() async throws {
        try await append([
            event(.control(.killSwitchReleased(KillSwitchReleased(order: Self.order())))),
            event(.control(.strategyEnabled(StrategyEnabled(order: Self.order(), strategyID: Self.strategy)))),
            facts(),
        ])
    }

    static func order(_ scope: Scope = .global) -> ControlOrder {
        ControlOrder(scope: scope, actor: ActorName(trusted: "ann"), reason: reason)
    }

    func facts(buyingPower: Int64 = 10_000_000) -> Event {
        event(
            .account(
                .accountSnapshotObserved(
                    AccountSnapshotObserved(
                        asOf: time.now(), tradingMode: .paper, currency: Label(trusted: "USD"),
                        equity: Amount(buyingPower), cash: Amount(buyingPower), buyingPower: Amount(buyingPower),
                        tradingBlocked: false, accountBlocked: false, status: BrokerWord(trusted: "ACTIVE"),
                        positions: [], complete: true))))
    }

    func event(_ content: DomainEvent, symbol: Symbol? = nil, story: UInt64 = 1) -> Event {
        let now = time.now()
        return Event(
            Envelope(
                eventID: EventID(hashed: UInt64(bitPattern: now.nanoseconds), story), eventTime: now,
                ingestTime: now, account: Self.paper, symbol: symbol, source: SourceName(trusted: "test"),
                correlation: StoryID(hashed: 1, story)),
            content)
    }

    func decision(_ number: Int, symbol: String = "AAPL", qty: Int64 = 1, side: Side = .buy) -> Event {
        let symbol = Symbol(trusted: symbol)
        let at = HandTime.start.advanced(by: .milliseconds(Int64(number) - 2_000)) ?? .latest
        let hash: DecisionHash
        do {
            hash = EventMint.hash(
                try DecisionIdentity(
                    account: Self.paper, strategy: Self.strategy, symbol: symbol, eventTime: at,
                    timeframe: .oneMinute, action: side))
        } catch { preconditionFailure("\(error)") }
        let decided = DecisionRecorded(
            decisionHash: hash, strategyID: Self.strategy, timeframe: .oneMinute, action: side,
            terms: OrderTerms(qty: Amount(qty), orderType: .limit, timeInForce: .day, limitPrice: Amount(10)),
            identityParams: [])
        var event = event(
            .decisions(.decisionRecorded(decided)), symbol: symbol, story: UInt64(bitPattern: Int64(number)))
        event.envelope.eventTime = at
        return event
    }

    func append(_ events: [Event]) async throws {
        var encoder = EventEncoder()
        try await append(events.map { encoder.record($0) })
    }

    func append(_ records: [NewRecord]) async throws {
        let writer = try await log.writer(named: "floor")
        _ = try await writer.append(Append(records))
        await writer.close()
    }
}

/// A handler at work.
struct Working {
    let task: Task<Result<Void, LogError>, Never>

    init(_ context: HandlerContext) {
        task = Task {
            do throws(LogError) {
                try await CommandHandler(context).run()
                return .success(())
            } catch { return .failure(error) }
        }
    }

    func stop() async throws {
        task.cancel()
        try await task.value.get()
    }
}

extension EventLog {
    /// Everything on these topics, partition after partition.
    func all(_ topics: CatalogTopic...) async throws -> [(position: RecordPosition, event: Event)] {
        var found: [(RecordPosition, Event)] = []
        for source in topics.flatMap({ topic in
            (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        }) {
            let end = try #require(try await bounds(of: [source])[source]).end
            let reader = try await reader(from: [source: .beginning], ReadOptions())
            var next: Int64 = 0
            var decoder = EventDecoder()
            while next < end {
                let batch = try await reader.next(waiting: .seconds(5))
                for index in batch.entries.indices {
                    let record = batch.record(at: index)
                    // A test may have put anything there.
                    guard case .event(let event)? = try? decoder.decode(record.value ?? []) else { continue }
                    found.append((record.position, event))
                }
                next = batch.next[source] ?? next
            }
            await reader.close()
        }
        return found
    }

    /// What decisions were answered, in order.
    func answers() async throws -> [(position: RecordPosition, event: Event)] {
        try await all(TopicCatalog.orderIntents)
    }
}

extension Event {
    var decisionHash: DecisionHash? {
        switch content {
        case .intents(.intentEmitted(let event)): event.decisionHash
        case .intents(.decisionRejected(let event)): event.decisionHash
        case .intents(.decisionBlocked(let event)): event.decisionHash
        case .intents(.decisionConflicted(let event)): event.decisionHash
        case .decisions(.decisionRecorded(let event)): event.decisionHash
        default: nil
        }
    }

    var blockReasons: [ReasonCode] {
        if case .intents(.decisionBlocked(let event)) = content { event.submissionBlockAtomic } else { [] }
    }

    var isIntent: Bool {
        if case .intents(.intentEmitted) = content { true } else { false }
    }
}
