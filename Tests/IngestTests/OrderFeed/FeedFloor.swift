import Core
import Domain
import Folding
import Ingest
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

/// A log whose trade-updates topics somebody feeds, and an order feed that reads them.
struct FeedFloor {
    static let account = AccountLabel(trusted: "paper")

    let log: any EventLog
    let watch = FeedEar()
    var folder = TemporaryFolder()
    var limits = FeedLimits()
    var scope = FeedScope(account: account)

    init(_ log: any EventLog = MemoryLog()) async throws {
        self.log = log
        limits.wait = .milliseconds(10)
        if try await log.describe().isEmpty { try await log.create(TopicCatalog.specs) }
    }

    var firstStart = FirstStart(
        .earliest, actor: ActorName(trusted: "test"), source: .default, configHash: ContentHash((0, 0, 0, 0)))

    func context(_ log: (any EventLog)? = nil, snapshots: String = "s") -> FeedContext {
        var context = FeedContext(
            log: log ?? self.log, scope: scope, time: SystemTime(),
            snapshots: SnapshotStore(folder: "\(folder.path)/\(snapshots)", logID: "log"),
            firstStart: firstStart, observer: watch)
        context.limits = limits
        return context
    }

    /// Messages as they lie on the topic; all under one key unless said otherwise.
    func tell(_ messages: [String], topic: CatalogTopic = TopicCatalog.tradeUpdates, key: String = "AAPL") async throws
    {
        let writer = try await log.writer(named: "forwarder")
        _ = try await writer.append(
            Append(messages.map { NewRecord(topic: topic.name, key: Array(key.utf8), value: Array($0.utf8)) }))
        await writer.close()
    }

    /// What the feed made of everything, in the order of the log.
    func recorded() async throws -> [BrokerUpdateRecorded] {
        try await events(on: TopicCatalog.orderEvents).compactMap {
            if case .orderEvents(.brokerUpdateRecorded(let update)) = $0.content { update } else { nil }
        }
    }

    func parked() async throws -> [RecordParked] {
        try await events(on: TopicCatalog.quarantine).compactMap {
            if case .quarantine(.recordParked(let parked)) = $0.content { parked } else { nil }
        }
    }

    func events(on topic: CatalogTopic) async throws -> [Event] {
        var found: [Event] = []
        let sources = (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        let follower = try await LogFollower.open(log, sources) {
            EventReading(wanting: Set(EventType.allCases))
        }
        while !follower.isCaughtUp {
            for record in try await follower.next(waiting: .seconds(1)) {
                guard case .fact(let event) = record.content else {
                    Issue.record("unreadable on \(topic.name)")
                    continue
                }
                found.append(event)
            }
        }
        await follower.close()
        return found
    }

    /// Runs a feed until so many messages are told of; each run is a restart.
    func feed(_ log: (any EventLog)? = nil, until messages: Int) async throws {
        let feed = OrderFeed(context(log))
        let work = Task { try await feed.run() }
        try await watch.wait { $0.messages >= messages }
        work.cancel()
        try await work.value
    }
}

/// Hears what a feed says, and waits for it.
final class FeedEar: FeedObserver {
    struct Heard: Sendable {
        var messages = 0
        var byClass: [UpdateClass: Int] = [:]
        var parked = 0
        var retries = 0
        var ready: [(records: Int, fromSnapshot: Bool)] = []
        var isFenced = false
    }

    private let heard = Mutex(Heard())
    private let arrivals = Arrivals()

    var now: Heard { heard.withLock { $0 } }

    func committed(_ counts: FeedCounts, took: Duration) {
        heard.withLock {
            $0.messages += counts.messages
            $0.byClass.merge(counts.byClass, uniquingKeysWith: +)
        }
        arrivals.wake()
    }

    func noted(_ note: FeedNote) {
        heard.withLock {
            switch note {
            case .ready(let records, let fromSnapshot, _): $0.ready.append((records, fromSnapshot))
            case .parked: $0.parked += 1
            case .retrying: $0.retries += 1
            case .fenced: $0.isFenced = true
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
}
