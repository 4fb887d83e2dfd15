import Core
import Domain
import Folding
import HTTPClient
import HTTPServer
import Lanes
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

/// A log on which intents stand, and a runner that does what a test wants.
final class LaneFloor: Sendable {
    typealias Handler = @Sendable (HTTPServerRequest) async -> HTTPServerResponse

    let log = MemoryLog()
    let folder = TemporaryFolder()
    let ear = LaneEar()
    private let asked = Mutex(0)
    private let handler: Mutex<Handler>
    private let server = Mutex<HTTPServer?>(nil)
    private let port = Mutex<UInt16>(0)
    /// When intents are said to be emitted; now, unless a test says so.
    let emittedAt = Mutex<Timestamp?>(nil)

    static let decided = Timestamp(nanoseconds: 1_770_000_000_000_000_000)

    static let filled = #"{"simulated_fill_price":"100","parity_status":"unknown","authority_mode":"embedded_engine"}"#

    init(_ handler: @escaping Handler = { _ in .json(Array(LaneFloor.filled.utf8)) }) async throws {
        self.handler = Mutex(handler)
        try await log.create(TopicCatalog.specs)
        try open()
    }

    private func open() throws {
        let server = try HTTPServer(HTTPServerSettings(port: port.withLock { $0 })) { [weak self] request in
            guard let self else { return .text("", status: 500) }
            self.asked.withLock { $0 += 1 }
            return await self.handler.withLock { $0 }(request)
        }
        port.withLock { $0 = server.port }
        self.server.withLock { $0 = server }
    }

    var address: String { "http://127.0.0.1:\(port.withLock { $0 })" }

    /// How many questions came.
    var questions: Int { asked.withLock { $0 } }

    func answer(_ handler: @escaping Handler) { self.handler.withLock { $0 = handler } }

    func goAway() async {
        let gone = server.withLock { $0.take() }
        await gone?.stop()
    }

    func comeBack() throws { try open() }

    func context(
        _ limits: LaneLimits = LaneFloor.limits, log: (any EventLog)? = nil, quoteMaximumAge: Duration = .seconds(5)
    ) -> LaneContext<ShadowCraft> {
        let settings = LaneRunnerSettings(address: "http://127.0.0.1:\(port.withLock { $0 })")
        var context = LaneContext(
            log: log ?? self.log, craft: ShadowCraft(tape: nil, quoteMaximumAge: quoteMaximumAge),
            runner: LaneRunner(settings), book: ShadowBook(), ruled: { $0 }, time: SystemTime(),
            snapshots: SnapshotStore(folder: folder.path, logID: "log"), observer: ear)
        context.limits = limits
        return context
    }

    static var limits: LaneLimits {
        var limits = LaneLimits()
        limits.wait = .milliseconds(5)
        limits.busyWait = .milliseconds(2)
        limits.callTimeout = .seconds(20)
        limits.deadline = .seconds(20)
        limits.pause = .milliseconds(10)
        return limits
    }

    /// Runs the lane until the condition holds.
    func run(
        _ limits: LaneLimits = LaneFloor.limits, quoteMaximumAge: Duration = .seconds(5),
        until condition: () async throws -> Bool
    ) async throws {
        let lane = AskingLane(context(limits, quoteMaximumAge: quoteMaximumAge))
        let work = Task { try await lane.run() }
        let deadline = ContinuousClock.now + .seconds(30)
        do {
            while try await !condition() {
                try #require(ContinuousClock.now < deadline, "it did not come")
                try await Task.sleep(for: .milliseconds(5))
            }
        } catch {
            work.cancel()
            _ = await work.result
            throw error
        }
        work.cancel()
        _ = await work.result
    }

    private func write(_ content: DomainEvent, _ name: String, decidedAt: Timestamp? = nil) async throws {
        let now = SystemTime().now()
        let isControl = content.type.family == .control
        let id = EventMint.eventID(.outside(source: "test", key: "\(name)/\(now.nanoseconds)"))
        let event = Event(
            Envelope(
                eventID: id, eventTime: decidedAt ?? now, ingestTime: emittedAt.withLock { $0 } ?? now,
                account: isControl ? nil : AccountLabel(trusted: "paper"),
                symbol: isControl ? nil : Symbol(trusted: "AAPL"), source: SourceName(trusted: "test"),
                correlation: StoryID(high: id.high, low: id.low)), content)
        let writer = try await log.writer(named: "teller")
        _ = try await writer.append(Append(EventEncoder.records(of: [event])))
        await writer.close()
    }

    static func hash(_ number: Int) -> DecisionHash { DecisionHash(EventMint.content(Array("\(number)".utf8)).words) }

    func emit(
        _ numbers: Range<Int>, terms: OrderTerms = OrderTerms(qty: 1, orderType: .market, timeInForce: .day),
        quote: ReferenceQuote? = nil, decidedAt: Timestamp? = nil
    ) async throws {
        let nothing = ContentHash((0, 0, 0, 0))
        for number in numbers {
            let hash = Self.hash(number)
            var intent = IntentEmitted(
                intentID: EventMint.intentID(of: hash, account: "paper"), decisionHash: hash,
                clientOrderID: ClientOrderID(trusted: "\(hash)"), strategyID: StrategyID(trusted: "momentum"),
                timeframe: .oneMinute, side: .buy,
                terms: terms,
                executionExpectedAdapter: .alpaca, executionAdapterPolicy: .all, routeReason: .policyAll,
                judgement: Judgement(
                    policyHash: nothing, configHash: nothing, tradingMode: .paper, capitalStage: .paper, judgedAt: []))
            intent.referenceQuote = quote
            try await write(.intents(.intentEmitted(intent)), "\(number)", decidedAt: decidedAt)
        }
    }

    func lane(isDisabled: Bool) async throws {
        let order = ControlOrder(scope: .global, actor: ActorName(trusted: "ann"), reason: try Prose("a test"))
        try await write(
            isDisabled
                ? .control(.laneDisabled(LaneDisabled(order: order, lane: .liveShadowExecution)))
                : .control(.laneEnabled(LaneEnabled(order: order, lane: .liveShadowExecution))), "lane")
    }

    /// What the lane wrote, in the order of the log.
    func shadows() async throws -> [Event] {
        let topic = TopicCatalog.leanShadow
        let sources = (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        let follower = try await LogFollower.open(log, sources) {
            EventReading(wanting: Set(EventFamily.shadow.types))
        }
        var events: [Event] = []
        while !follower.isCaughtUp {
            for record in try await follower.next(waiting: .milliseconds(5)) {
                if case .fact(let event) = record.content { events.append(event) }
            }
        }
        await follower.close()
        return events
    }

    /// How the intents were answered, by what it came to.
    func failures() async throws -> [LaneFailure] {
        try await shadows().compactMap { event in
            guard case .shadow(.shadowFailed(let failed)) = event.content else { return nil }
            return failed.failureTaxonomy
        }
    }
}

/// Keeps what a lane tells.
final class LaneEar: LaneObserver {
    typealias Book = ShadowBook
    private let heard = Mutex<[String]>([])

    var notes: [String] { heard.withLock { $0 } }
    func folded(_ book: ShadowBook, waiting: Int, asking: Int) {}
    func noted(_ note: LaneNote) { heard.withLock { $0.append("\(note)") } }
}

/// Waits, unless the server that it waits in stops.
func pause(_ duration: Duration) async {
    let isOver = ContinuousClock.now + duration
    while ContinuousClock.now < isOver, !Task.isCancelled {
        // A wait that is cancelled is over.
        guard (try? await Task.sleep(for: min(duration, .milliseconds(50)))) != nil else { return }
    }
}
