import Adapters
import Core
import Domain
import HTTPClient
import Ingest
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

/// A log, and the stream's client that writes on it.
struct StreamFloor {
    static let account = AccountLabel(trusted: "paper")

    let log: any EventLog
    var limits = StreamLimits()
    var process = "p-1"

    init(_ log: any EventLog = MemoryLog()) async throws {
        self.log = log
        limits.step = .seconds(5)
        limits.pingAfter = .seconds(1)
        limits.deadAfter = .seconds(2)
        limits.firstPause = .milliseconds(10)
        limits.longestPause = .milliseconds(100)
        limits.refusedPause = .seconds(600)
        limits.firstRestPause = .milliseconds(10)
        limits.longestRestPause = .milliseconds(50)
        limits.longestRetry = .milliseconds(50)
        limits.fenceProbe = .milliseconds(20)
        if try await log.describe().isEmpty { try await log.create(TopicCatalog.specs) }
    }

    func context(
        _ broker: ScriptedBroker, _ ear: StreamEar, through port: Int? = nil, _ log: (any EventLog)? = nil
    ) -> StreamContext {
        context(
            stream: "ws://127.0.0.1:\(port ?? broker.streamPort)/stream", lists: broker.address, ear, log)
    }

    func context(
        stream: String, lists: String, _ ear: StreamEar, _ log: (any EventLog)? = nil
    ) -> StreamContext {
        let (key, secret) = (Secret("key"), Secret("secret"))
        var context = StreamContext(
            log: log ?? self.log,
            place: StreamPlace(
                address: stream, account: Self.account, keyID: key, secretKey: secret,
                rest: AlpacaSettings(
                    address: lists, keyID: key, secretKey: secret,
                    limits: AdapterLimits(retryAfter: .milliseconds(1), maximumTries: 1, pageSize: 3))),
            process: ProcessName(trusted: process), time: SystemTime(), observer: ear)
        context.limits = limits
        return context
    }

    /// Everything on one of the two topics, as its texts.
    func messages(_ topic: CatalogTopic = TopicCatalog.tradeUpdates) async throws -> [String] {
        try await records(topic).map { String(decoding: $0.value ?? [], as: UTF8.self) }
    }

    func records(_ topic: CatalogTopic) async throws -> [Record] {
        var found: [Record] = []
        let sources = (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        let ends = try await log.bounds(of: sources)
        let reader = try await log.reader(
            from: Dictionary(uniqueKeysWithValues: sources.map { ($0, .beginning) }), ReadOptions())
        var next: [TopicPartition: Int64] = [:]
        while sources.contains(where: { next[$0] ?? 0 < ends[$0]?.end ?? 0 }) {
            let batch = try await reader.next(waiting: .seconds(1))
            next.merge(batch.next) { $1 }
            for index in batch.entries.indices { found.append(batch.record(at: index)) }
        }
        await reader.close()
        return found
    }

    /// What the messages of a topic say.
    func updates(_ topic: CatalogTopic = TopicCatalog.tradeUpdates) async throws -> [BrokerUpdate] {
        var reader = BrokerUpdateReader(defaultAccount: Self.account)
        var found: [BrokerUpdate] = []
        for record in try await records(topic) { found.append(try reader.read(record.value ?? [])) }
        return found
    }

    /// What was said of the lease.
    func leases() async throws -> [StreamLeaseTaken] {
        let feed = try await FeedFloor(log)
        return try await feed.events(on: TopicCatalog.control).compactMap {
            if case .control(.streamLeaseTaken(let lease)) = $0.content { lease } else { nil }
        }
    }

    /// A frame of the broker's.
    static func frame(
        _ event: String, order: String = "o-1", symbol: String = "AAPL", status: String = "new",
        at time: Timestamp = SystemTime().now(), extra: String = ""
    ) -> String {
        #"{"stream":"trade_updates","data":{"event":"\#(event)","timestamp":"\#(time)"\#(extra),"order":{"id":"#
            + #""\#(order)","client_order_id":"c-\#(order)","symbol":"\#(symbol)","status":"\#(status)","#
            + #""qty":"10","filled_qty":"0","side":"buy","type":"market","time_in_force":"day"}}}"#
    }
}

/// A stream's client at work.
final class StreamWork: Sendable {
    private let task: Task<Void, any Error>

    init(_ context: StreamContext) { task = Task { try await AlpacaStream(context).run() } }

    /// Ends it in good order.
    func stop() async throws {
        task.cancel()
        try await task.value
    }

    /// Waits for it to end by itself; one that does not is ended, and has succeeded.
    func ended() async -> Result<Void, any Error> {
        let limit = Task { [task] in
            // A wait that is cancelled was not needed.
            guard (try? await Task.sleep(for: .seconds(20))) != nil else { return }
            task.cancel()
        }
        defer { limit.cancel() }
        return await task.result
    }
}

/// Hears what a stream's client says, and waits for it.
final class StreamEar: StreamObserver {
    struct Heard: Sendable {
        var standing = StreamStanding()
        var standings: [StreamStanding] = []
        var counts = StreamCounts()
        var most = 0
        var received = 0
        var ends: [StreamEnd] = []
        var pauses: [Duration] = []
        var garbage = 0
        var gapsClosed: [(orders: Int, executions: Int)] = []
        var gapsOpened: [Timestamp] = []
        var gapRetries: [FailureTaxonomy] = []
        var appendFailures = 0
        var epochs: [Int64] = []
        var isFenced = false
        var leftBehind = 0
        var gapsLeft: [String] = []
        var gapsUnread: [String] = []
    }

    private let heard = Mutex(Heard())
    private let arrivals = Arrivals()

    var now: Heard { heard.withLock { $0 } }

    private func note(_ body: (inout Heard) -> Void) {
        heard.withLock { body(&$0) }
        arrivals.wake()
    }

    func changed(_ standing: StreamStanding) {
        note {
            $0.standing = standing
            $0.standings.append(standing)
        }
    }

    func received(lag: Duration?) { note { $0.received += 1 } }
    func buffered(_ updates: Int) { note { $0.most = max($0.most, updates) } }

    func committed(_ counts: StreamCounts, took: Duration) {
        note {
            $0.counts.live += counts.live
            $0.counts.asked += counts.asked
        }
    }

    func noted(_ note: StreamNote) {
        self.note { heard in
            switch note {
            case .leaseTaken(let epoch, _): heard.epochs.append(epoch)
            case .ended(let end, _, let pause):
                heard.ends.append(end)
                heard.pauses.append(pause)
            case .garbage: heard.garbage += 1
            case .gapOpened(let since): heard.gapsOpened.append(since)
            case .gapRetrying(let taxonomy, _): heard.gapRetries.append(taxonomy)
            case .gapClosed(let orders, let executions, _): heard.gapsClosed.append((orders, executions))
            case .appendFailed: heard.appendFailures += 1
            case .fenced: heard.isFenced = true
            case .leftBehind(let updates): heard.leftBehind += updates
            case .gapLeft(let order, _): heard.gapsLeft.append(order)
            case .gapUnread(let what): heard.gapsUnread.append(what)
            case .connected, .listening, .retrying: break
            }
        }
    }

    struct NeverCame: Error, CustomStringConvertible {
        let heard: Heard
        /// Without the long lists.
        var description: String {
            "\(heard.standing); \(heard.counts); ends \(heard.ends.suffix(3)); failures \(heard.appendFailures); "
                + "gaps \(heard.gapsClosed.count) of \(heard.gapsOpened.count), retries \(heard.gapRetries.suffix(3)); "
                + "received \(heard.received), garbage \(heard.garbage), fenced \(heard.isFenced)"
        }
    }

    func wait(until isThere: (Heard) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let seen = arrivals.count
            if isThere(now) { return }
            guard ContinuousClock.now < deadline else { throw NeverCame(heard: now) }
            await arrivals.wait(after: seen, until: deadline)
        }
    }
}
