import Adapters
import Commands
import Core
import Domain
import Folding
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

/// A log in memory, a data folder, and the gates at work on them.
final class GatesGround: Sendable {
    let log = MemoryLog(holes: true)
    let folder = TemporaryFolder()
    let inForce: PolicyInForce
    private let settings: [String: String]
    private let written = Mutex<UInt64>(0)

    init(_ settings: [String: String] = [:]) async throws {
        let settings = settings.merging([
            "TRADING_LEAN_BREAKER_MINIMUM_SAMPLE": "4", "TRADING_LEAN_BREAKER_RETRY_SECONDS": "1",
            "TRADING_LEAN_BREAKER_PROBE_LIMIT_SECONDS": "1",
        ]) { given, _ in given }
        self.settings = settings
        inForce = PolicyInForce(Policy(settings: { settings[$0] }), mint: EventMint.mint)
        try await log.create(TopicCatalog.specs)
    }

    /// Two keepers of one process need a folder each: drafts of snapshots are told apart by process.
    func context(
        _ adapters: [any OrderAdapter] = [], in place: String? = nil, under other: PolicyInForce? = nil,
        _ observer: any GatesObserver = Silence()
    ) -> GatesContext {
        var context = GatesContext(
            log: log, inForce: other ?? inForce, time: SystemTime(), adapters: adapters,
            snapshots: SnapshotStore(folder: place ?? folder.path, logID: "memory"), observer: observer)
        context.limits.saveEvery = .zero
        return context
    }

    /// Runs gates until the body is done.
    func judging<Answer>(
        _ adapters: [any OrderAdapter] = [], under other: PolicyInForce? = nil, _ body: () async throws -> Answer
    ) async throws -> Answer {
        // A state that was kept under one policy is none under another.
        let place = other == nil ? nil : TemporaryFolder()
        let keeper = Task { [context = context(adapters, in: place?.path, under: other)] in
            try await GateKeeper(context).run()
        }
        let outcome: Result<Answer, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        keeper.cancel()
        try await keeper.value
        return try outcome.get()
    }

    /// The same policy but for these settings.
    func policy(_ more: [String: String]) -> PolicyInForce {
        let settings = settings.merging(more) { $1 }
        return PolicyInForce(Policy(settings: { settings[$0] }), mint: EventMint.mint)
    }

    /// Every verdict computed again from the log, and what stood in the way.
    func computedAgain() async throws -> (verdicts: [Event], faults: [String]) {
        var (lengths, findings) = try await VerdictReplay.lengths(log)
        if lengths.isEmpty { lengths = [.zero] }
        var verdicts: [Event] = []
        for length in lengths {
            let replay = try await VerdictReplay.open(log, remembering: length, mint: EventMint.mint)
            while let more = try await replay.next() { verdicts += more }
            findings.faults += replay.findings.faults
            await replay.close()
        }
        return (verdicts, findings.faults)
    }

    /// Verdicts on the log, oldest first.
    func verdicts() async throws -> [BreakerJudged] {
        try await control().compactMap { if case .breakerJudged(let verdict) = $0 { verdict } else { nil } }
    }

    func control() async throws -> [Control] {
        try await events([ControlView.source]).compactMap { event, _ in
            if case .control(let control) = event.content { control } else { nil }
        }
    }

    /// Everything on these partitions, partition by partition.
    func events(_ sources: [TopicPartition]) async throws -> [(Event, RecordPosition)] {
        var found: [(Event, RecordPosition)] = []
        for source in sources {
            let follower = try await LogFollower.open(
                log, [source], reading: { EventReading(wanting: GatesFold.types) })
            while !follower.isCaughtUp {
                let batch = try await follower.next(waiting: .milliseconds(10))
                for record in batch {
                    if case .fact(let event) = record.content { found.append((event, batch.position(of: record))) }
                }
            }
            await follower.close()
        }
        return found
    }

    struct Silence: GatesObserver {
        func folded(_ fold: GatesFold) {}
        func judged(_ verdict: BreakerJudged) {}
        func judged(_ canary: Canary) {}
        func asked(_ adapter: Adapter, _ health: HealthState) {}
        func stopped(_ observed: KillSwitchObserved) {}
        func released() {}
        func judging(isHolding: String?) {}
        func discarded(_ why: String) { Issue.record("snapshot: \(why)") }
    }
}

/// Attempts through LEAN, written as a router writes them.
extension GatesGround {
    private static let evidence = RouteEvidence(
        executionExpectedAdapter: .lean, executionAdapter: .lean, executionFallbackCount: 0,
        executionCorrelationID: CorrelationID(trusted: "c"), executionIdempotencyKey: ClientOrderID(trusted: "k"))

    func attempt(_ symbol: String = "AAPL", fails: Bool) async throws {
        let number = written.withLock { count in
            count += 1
            return count
        }
        let now = SystemTime().now()
        let hash = DecisionHash((number, 1, 2, 3))
        let key = AttemptKey(
            intentID: IntentID(high: 1, low: number), decisionHash: hash,
            clientOrderID: ClientOrderID(trusted: hash.description), attemptID: AttemptID(high: 2, low: number),
            attempt: 1)
        let zero = ContentHash((0, 0, 0, 0))
        let prepared = AttemptPrepared(
            key: key, evidence: Self.evidence, operation: .submit, side: .buy,
            terms: OrderTerms(qty: Amount(10), orderType: .market, timeInForce: .day), requestHash: zero,
            deadline: now, ownerEpoch: 1, tradingMode: .paper, policyHash: zero)
        let unknown = AttemptUnknown(
            key: key, evidence: Self.evidence, failureTaxonomy: .timeout, unknownSince: now, deadline: now,
            reply: AdapterReply())
        let rejected = AttemptRejected(
            key: key, evidence: Self.evidence, rejectionClass: .brokerRejected, proof: .refusedByContract,
            failureTaxonomy: .http4xx, fallbackAllowed: false, reply: AdapterReply())
        try await write(.route(.attemptPrepared(prepared)), symbol, number * 2)
        try await write(.route(fails ? .attemptUnknown(unknown) : .attemptRejected(rejected)), symbol, number * 2 + 1)
    }

    func write(_ content: DomainEvent, _ symbol: String, _ number: UInt64) async throws {
        let now = SystemTime().now()
        let envelope = Envelope(
            eventID: EventID(high: 9, low: number), eventTime: now, ingestTime: now,
            account: try AccountLabel("paper"), symbol: try Symbol(symbol), source: try SourceName("test"),
            correlation: StoryID(high: 9, low: number))
        var encoder = EventEncoder()
        let writer = try await log.writer(named: "test")
        try await writer.append(Append([encoder.record(Event(envelope, content))]))
        await writer.close()
    }
}
