import Commands
import Core
import Domain
import Folding
import Runtime
import Synchronization
import Wire

/// What happened since `up` began, counted from the log.
struct UpFigures: Sendable {
    var decisions = 0
    var intents = 0
    var blocked = 0
    var rejected = 0
    /// Orders that the broker has, by the way they went.
    var byLEAN = 0
    var byAlpaca = 0
    var afterFallback = 0
    var fallbacks = 0
    var inDoubt: Set<AttemptID> = []
    var fills = 0
    var parked = 0
    var discrepancies: Set<EventID> = []
    var control = ControlState()
    /// What the account holds was seen: before that no decision becomes an order.
    var knowsAccount = false
    var breaches: Set<BreachType> = []
    var incidents: Set<String> = []
    private var recent: [ContinuousClock.Instant] = []

    var orders: Int { byLEAN + byAlpaca + afterFallback }

    /// Orders in a second are those of the last ten.
    static let window: Duration = .seconds(10)
    private static let maximumRecent = 100_000

    func perSecond(at now: ContinuousClock.Instant, since start: ContinuousClock.Instant) -> Double {
        let span = min(Self.window, now - start)
        guard span > .zero else { return 0 }
        return Double(recent.count { now - $0 <= span }) / (span / .seconds(1))
    }

    mutating func fold(_ event: Event, at position: RecordPosition) {
        switch event.content {
        case .decisions(.decisionRecorded): decisions += 1
        case .intents(.intentEmitted): intents += 1
        case .intents(.decisionBlocked): blocked += 1
        case .intents(.decisionRejected): rejected += 1
        case .route(let route): fold(route)
        case .orderEvents(let said): fold(said)
        case .quarantine(.recordParked): parked += 1
        case .account(.accountSnapshotObserved): knowsAccount = true
        case .control(let said): control.fold(said, event.envelope, at: position.offset)
        case .canary(.canaryJudged(let judged)):
            // A whole window that is over is judged again; what counts now is the latest stretch.
            guard judged.isClosed != true else { break }
            if judged.action == .none { breaches.remove(judged.breachType) } else { breaches.insert(judged.breachType) }
        case .canary(.incidentOpened(let opened)): incidents.insert(opened.incidentKey.text)
        case .canary(.incidentResolved(let resolved)): incidents.remove(resolved.incidentKey.text)
        default: break
        }
    }

    private mutating func fold(_ route: Route) {
        switch route {
        case .attemptAccepted(let accepted): count(accepted.executionRoute)
        case .attemptUnknown(let unknown): inDoubt.insert(unknown.key.attemptID)
        case .attemptResolved(let resolved):
            inDoubt.remove(resolved.key.attemptID)
            if let way = resolved.executionRoute { count(way) }
        case .fallbackDecided: fallbacks += 1
        default: break
        }
    }

    private mutating func count(_ way: ExecutionRoute) {
        switch way {
        case .lean: byLEAN += 1
        case .alpaca, .simulation: byAlpaca += 1
        case .leanToAlpaca: afterFallback += 1
        }
        let now = ContinuousClock.now
        if let first = recent.first, now - first > Self.window * 2 {
            recent.removeAll { now - $0 > Self.window }
        }
        if recent.count < Self.maximumRecent { recent.append(now) }
    }

    private mutating func fold(_ said: OrderEvents) {
        switch said {
        case .brokerUpdateRecorded(let update):
            let isFill = ["fill", "partial_fill"].contains(update.eventType?.text ?? "")
            if isFill, update.classification == .applied { fills += 1 }
        case .discrepancyFound(let found): discrepancies.insert(found.discrepancyID)
        case .discrepancyResolved(let resolved): discrepancies.remove(resolved.discrepancyID)
        case .orderSnapshotObserved: break
        }
    }
}

/// Follows the log for the figures: control and canary from their first records, the rest from where the log ends when
/// `up` begins.
final class UpFollower: Sendable {
    private static let types: Set<EventType> = {
        var types: Set<EventType> = [
            .decisions(.decisionRecorded), .intents(.intentEmitted), .intents(.decisionBlocked),
            .intents(.decisionRejected), .route(.attemptAccepted), .route(.attemptUnknown), .route(.attemptResolved),
            .route(.fallbackDecided), .orderEvents(.brokerUpdateRecorded), .orderEvents(.discrepancyFound),
            .orderEvents(.discrepancyResolved), .quarantine(.recordParked), .canary(.canaryJudged),
            .canary(.incidentOpened), .canary(.incidentResolved), .account(.accountSnapshotObserved),
        ]
        types.formUnion(Control.Kind.allCases.map(EventType.control))
        return types
    }()
    private static let whole = LogScan.partitions([TopicCatalog.control, TopicCatalog.canary])
    private static let latest = LogScan.partitions([
        TopicCatalog.decisions, TopicCatalog.orderIntents, TopicCatalog.route, TopicCatalog.orderEvents,
        TopicCatalog.quarantine, TopicCatalog.account,
    ])

    private let log: any EventLog
    private let start: FoldVector
    private let figures = Mutex(UpFigures())

    /// From here on everything counts.
    init(_ log: any EventLog) async throws {
        self.log = log
        let bounds = try await log.bounds(of: Self.latest)
        start = FoldVector(bounds.mapValues { FoldVector.Place(next: $0.end) })
    }

    var now: UpFigures { figures.withLock { $0 } }

    /// Until the task is cancelled.
    func run() async throws {
        let follower = try await LogFollower.open(log, Self.whole + Self.latest, at: start) {
            EventReading(wanting: Self.types)
        }
        let failure: (any Error)?
        do {
            while !Task.isCancelled {
                let batch = try await follower.next(waiting: .milliseconds(250))
                figures.withLock { figures in
                    for record in batch {
                        guard case .fact(let event) = record.content else { continue }
                        figures.fold(event, at: batch.position(of: record))
                    }
                }
            }
            failure = nil
        } catch { failure = error }
        await follower.close()
        if let failure, !Task.isCancelled { throw failure }
    }
}
