import Bus
import Core
import Domain
import Folding
import Ingest
import Kafka
import Synchronization
import Threading

/// The order feed: messages that lie on the topics, classified and durable.
enum FeedSpeed {
    private static let orders = 100_000

    static func run(into table: inout Table) async throws {
        let count = 3 * orders
        var rounds: [Duration] = []
        for round in 0..<3 {
            let scratch = try Scratch("feed-\(round)")
            let log = JournalLog("\(scratch.path)/journal")
            rounds.append(try await feed(orders, log, scratch))
            await log.close()
            try scratch.remove()
        }
        let took = rounds.sorted()[rounds.count / 2]
        table.add(
            .figure(
                "broker updates classified in batches, from the journal and durable, beside 100,000 a second",
                Double(count) / took.seconds, text: Row.perSecond(count, took), beside: 100_000, floor: "100,000/s"))
        try await onKafka(into: &table)
        try await FeedLatency.run(into: &table)
    }

    /// The mock broker keeps some 5 MB of each partition, and these are three.
    private static let ordersOnKafka = 8_000

    private static func onKafka(into table: inout Table) async throws {
        let scratch = try Scratch("feed-kafka")
        let cluster = try KafkaDevCluster(brokers: 1)
        for topic in TopicCatalog.specs { try cluster.create(topic: topic.name, partitions: topic.partitions) }
        let log = try KafkaLog(KafkaSettings(bootstrap: cluster.bootstrap))
        let took = try await feed(ordersOnKafka, log, scratch)
        await log.close()
        cluster.close()
        try scratch.remove()
        let count = 3 * ordersOnKafka
        table.add(
            .figure(
                "broker updates classified in batches, from Kafka and durable, beside 50,000 a second",
                Double(count) / took.seconds, text: Row.perSecond(count, took), beside: 50_000, floor: "50,000/s"))
    }

    /// How long the messages of so many orders take that lie on the topic when the feed begins.
    private static func feed(_ orders: Int, _ log: any EventLog, _ scratch: Scratch) async throws -> Duration {
        if try await log.describe().isEmpty { try await log.create(TopicCatalog.specs) }
        let writer = try await log.writer(named: "forwarder")
        for start in stride(from: 0, to: orders, by: 1_000) {
            _ = try await writer.append(Append((start..<start + 1_000).flatMap(messages)))
        }
        await writer.close()
        let clock = FeedClock()
        let task = Task { try await OrderFeed(context(log, scratch, clock)).run() }
        await clock.wait { $0.messages == 3 * orders }
        let seen = clock.seen
        task.cancel()
        try await task.value
        guard let ready = seen.readyAt, let last = seen.lastCommitAt else { return .zero }
        return last - ready
    }

    static func context(_ log: any EventLog, _ scratch: Scratch, _ observer: any FeedObserver) -> FeedContext {
        FeedContext(
            log: log, scope: FeedScope(account: AccountLabel(trusted: "paper")), time: SystemTime(),
            snapshots: SnapshotStore(folder: "\(scratch.path)/snapshots", logID: "bench"),
            firstStart: FirstStart(
                .earliest, actor: ActorName(trusted: "bench"), source: .default, configHash: ContentHash((0, 0, 0, 0))),
            observer: observer)
    }

    /// An order that opens, is filled in part, and wholly.
    private static func messages(_ order: Int) -> [NewRecord] {
        let digits = String(order, radix: 16)
        let client = String(repeating: "0", count: 64 - digits.count) + digits
        return [("new", "new", 0), ("partial_fill", "partially_filled", 40), ("fill", "filled", 100)].enumerated().map {
            number, step in
            let slice =
                step.2 == 0
                ? "" : #","execution_id":"x\#(order)-\#(number)","qty":"\#(20 + 20 * number)","price":"190.25""#
            let text =
                #"{"stream":"trade_updates","data":{"event":"\#(step.0)","timestamp":"2026-02-11T15:30:0\#(number)Z""#
                + slice + #","order":{"id":"o-\#(order)","client_order_id":"\#(client)","symbol":"S\#(order % 500)","#
                + #""status":"\#(step.1)","qty":"100","filled_qty":"\#(step.2)","side":"buy","type":"market","#
                + #""time_in_force":"day","asset_class":"us_equity","extended_hours":false}}}"#
            return NewRecord(
                topic: TopicCatalog.tradeUpdates.name, key: Array("S\(order % 500)".utf8), value: Array(text.utf8))
        }
    }
}

/// Notes when the feed was ready, and when its events were durable.
final class FeedClock: FeedObserver {
    struct Seen: Sendable {
        var readyAt: ContinuousClock.Instant?
        var messages = 0
        var lastCommitAt: ContinuousClock.Instant?
    }

    private let state = Mutex(Seen())
    private let arrivals = Arrivals()

    var seen: Seen { state.withLock { $0 } }

    func committed(_ counts: FeedCounts, took: Duration) {
        state.withLock {
            $0.messages += counts.messages
            $0.lastCommitAt = .now
        }
        arrivals.wake()
    }

    func noted(_ note: FeedNote) {
        guard case .ready = note else { return }
        state.withLock { $0.readyAt = .now }
    }

    func wait(until isDone: (Seen) -> Bool) async {
        while true {
            let count = arrivals.count
            if isDone(seen) { return }
            await arrivals.wait(after: count, until: .now + .seconds(10))
        }
    }
}
