import Adapters
import Core
import Domain
import Folding
import Ingest
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

/// A log on which a test says what we know, and a reconciler that asks a broker.
struct ReconcileFloor {
    static let account = FeedFloor.account

    let feed: FeedFloor
    let watch = ReconcileEar()
    let books: any BrokerBooks
    let adapters: [Adapter: any OrderAdapter]
    var limits = ReconcilerLimits()

    init(
        _ books: any BrokerBooks, _ adapters: [Adapter: any OrderAdapter], log: any EventLog = MemoryLog()
    ) async throws {
        feed = try await FeedFloor(log)
        self.books = books
        self.adapters = adapters
        limits.period = .milliseconds(40)
        limits.grace = .milliseconds(30)
        limits.wait = .milliseconds(5)
        limits.requestsPerMinute = 100_000
    }

    init(_ broker: ScriptedBooks, log: any EventLog = MemoryLog()) async throws {
        try await self.init(broker, [.alpaca: broker], log: log)
    }

    func context(_ log: (any EventLog)? = nil, snapshots: String = "r") -> ReconcilerContext {
        var context = ReconcilerContext(
            log: log ?? feed.log, account: Self.account, mode: .paper, books: books, adapters: adapters,
            time: SystemTime(),
            snapshots: SnapshotStore(folder: "\(feed.folder.path)/\(snapshots)", logID: "log"), observer: watch)
        context.limits = limits
        return context
    }

    func tell(_ content: DomainEvent, _ symbol: String? = "AAPL", account: AccountLabel = account) async throws {
        let now = SystemTime().now()
        let id = EventMint.eventID(.outside(source: "test", key: "\(now.nanoseconds)"))
        let event = Event(
            Envelope(
                eventID: id, eventTime: now, ingestTime: now, account: account,
                symbol: symbol.map { Symbol(trusted: $0) }, source: SourceName(trusted: "test"),
                correlation: StoryID(high: id.high, low: id.low)), content)
        let writer = try await feed.log.writer(named: "teller")
        _ = try await writer.append(Append(EventEncoder.records(of: [event])))
        await writer.close()
    }

    /// An order of ours that a broker took under this id.
    func send(
        _ id: String, client: String? = nil, qty: Amount = 100, by adapter: Adapter = .alpaca,
        expected: Adapter? = nil, reason: String? = nil, symbol: String = "AAPL", account: AccountLabel = account
    ) async throws {
        let client = ClientOrderID(trusted: client ?? "client-\(id)")
        let hash = EventMint.content(Array(client.text.utf8))
        let intent = IntentID(hashed: hash.words.0, 1)
        let key = AttemptKey(
            intentID: intent, decisionHash: DecisionHash(hash.words), clientOrderID: client,
            attemptID: EventMint.attemptID(of: intent, attempt: 1), attempt: 1)
        let evidence = RouteEvidence(
            executionExpectedAdapter: expected ?? adapter, executionAdapter: adapter,
            executionFallbackReason: reason.map { Code(trusted: $0) }, executionFallbackCount: reason == nil ? 0 : 1,
            executionCorrelationID: CorrelationID(trusted: "c-\(id)"), executionIdempotencyKey: client)
        let terms = OrderTerms(qty: qty, orderType: .market, timeInForce: .day)
        try await tell(
            .route(
                .attemptPrepared(
                    AttemptPrepared(
                        key: key, evidence: evidence, operation: .submit, side: .buy, terms: terms, requestHash: hash,
                        deadline: SystemTime().now(), ownerEpoch: 1, tradingMode: .paper, policyHash: hash))),
            symbol, account: account)
        try await tell(
            .route(
                .attemptAccepted(
                    AttemptAccepted(
                        key: key, evidence: evidence, executionRoute: adapter == .lean ? .lean : .alpaca,
                        routeMarker: adapter == .lean ? .lean : .alpaca, alpacaOrderID: BrokerOrderID(trusted: id),
                        status: .accepted, side: .buy, terms: terms, reply: AdapterReply(), rawOrder: .emptyObject))),
            symbol, account: account)
    }

    /// What the stream said, already classified.
    func stream(
        _ id: String, _ event: String, _ status: String, filled: Amount = .zero, slice: (String, Amount)? = nil
    ) async throws {
        let now = SystemTime().now()
        var update = BrokerUpdateRecorded(
            eventFingerprint: EventMint.content(Array("\(id)/\(event)/\(now)".utf8)),
            sourceTopic: TopicName(trusted: "torghut.trade-updates.v1"), sourcePartition: 0, sourceOffset: 0,
            updateShape: .rawFrame, accountLabelOrigin: .laneDefault, classification: .applied,
            rawEvent: .emptyObject)
        update.eventType = BrokerWord(trusted: event)
        update.status = BrokerWord(trusted: status)
        update.brokerEventTime = now
        update.alpacaOrderID = BrokerOrderID(trusted: id)
        update.side = .buy
        update.filledQty = filled
        if let slice {
            update.executionID = ExecutionID(trusted: slice.0)
            update.fillQty = slice.1
            update.fillPrice = 10
        }
        try await tell(.orderEvents(.brokerUpdateRecorded(update)))
    }

    /// Runs a reconciler as long as the body takes; each run is a restart.
    func running(_ log: (any EventLog)? = nil, _ body: () async throws -> Void) async throws {
        let reconciler = Reconciler(context(log))
        let work = Task { try await reconciler.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        work.cancel()
        try await work.value
        try outcome.get()
    }

    func events() async throws -> [Event] { try await feed.events(on: TopicCatalog.orderEvents) }

    func found() async throws -> [DiscrepancyFound] {
        try await events().compactMap {
            if case .orderEvents(.discrepancyFound(let found)) = $0.content { found } else { nil }
        }
    }

    func resolved() async throws -> [DiscrepancyResolved] {
        try await events().compactMap {
            if case .orderEvents(.discrepancyResolved(let resolved)) = $0.content { resolved } else { nil }
        }
    }

    func snapshots() async throws -> [OrderSnapshotObserved] {
        try await events().compactMap {
            if case .orderEvents(.orderSnapshotObserved(let snapshot)) = $0.content { snapshot } else { nil }
        }
    }

    func facts() async throws -> [AccountSnapshotObserved] {
        try await feed.events(on: TopicCatalog.account).compactMap {
            if case .account(.accountSnapshotObserved(let facts)) = $0.content { facts } else { nil }
        }
    }
}

/// Hears what a reconciler says, and waits for it.
final class ReconcileEar: ReconcilerObserver {
    struct Heard: Sendable {
        var rounds: [RoundReport] = []
        var reads: [BrokerRead] = []
        var ready: [Bool] = []
        var retries = 0
        var isFenced = false
        var missing: [Adapter] = []

        var opened: [DiscrepancyKind] { rounds.flatMap { $0.findings.opened.map(\.kind) } }
        var resolved: [DiscrepancyKind] { rounds.flatMap { $0.findings.resolved.map(\.kind) } }
    }

    private let heard = Mutex(Heard())
    private let arrivals = Arrivals()

    var now: Heard { heard.withLock { $0 } }

    func asked(_ read: BrokerRead) { heard.withLock { $0.reads.append(read) } }

    func finished(_ round: RoundReport) {
        heard.withLock { $0.rounds.append(round) }
        arrivals.wake()
    }

    func noted(_ note: ReconcilerNote) {
        heard.withLock {
            switch note {
            case .ready(_, let fromSnapshot, _): $0.ready.append(fromSnapshot)
            case .retrying: $0.retries += 1
            case .fenced: $0.isFenced = true
            case .noAdapter(let adapter, _): $0.missing.append(adapter)
            case .snapshotDiscarded, .snapshotSaved, .snapshotFailed, .unreadable: break
            }
        }
        arrivals.wake()
    }

    struct NeverCame: Error { let heard: Heard }

    func wait(until isThere: (Heard) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let seen = arrivals.count
            if isThere(now) { return }
            guard ContinuousClock.now < deadline else { throw NeverCame(heard: now) }
            await arrivals.wait(after: seen, until: deadline)
        }
    }

    /// So many more rounds.
    func more(_ rounds: Int) async throws {
        let seen = now.rounds.count
        try await wait { $0.rounds.count >= seen + rounds }
    }
}
