import Bus
import Commands
import Core
import Domain
import Folding
import RouterTestSupport
import Telemetry
import TestSupport
import Threading
import Wire

/// A broker, a runner before it, and a journal: what a router needs around it.
final class RouterGround: Sendable {
    let broker: Simulator
    let runner: Simulator
    let folder = TemporaryFolder(inMemory: true)
    var journal: String { folder.path + "/journal" }
    let time = SystemTime()

    init(unique: Bool = true) async throws {
        broker = try Simulator("alpaca", "--cash", "1000000000")
        runner = try Simulator("lean", "--to", broker.address())
        if !unique { try await broker.control("/_sim/settings", #"{"unique_client_order_ids": false}"#) }
    }

    var words: RouterWords { RouterWords(alpaca: broker.address(), lean: runner.address()) }

    static let symbols = ["AAPL", "MSFT", "SPY", "TSLA", "NVDA", "AMD", "META", "GOOG", "ORCL", "IBM", "INTC", "QQQ"]

    static func partition(of symbol: String) -> Int32 {
        Murmur2Partitioner.partition(forKey: Array(symbol.utf8), of: TopicCatalog.route.spec.partitions)
    }

    /// Writes into a journal that nobody holds.
    func write(_ events: [Event], to journal: String? = nil) async throws {
        let log = JournalLog(journal ?? self.journal)
        try await Self.write(events, to: log)
        await log.close()
    }

    static func write(_ events: [Event], to log: any EventLog) async throws {
        if try await log.describe().isEmpty { try await log.create(TopicCatalog.specs) }
        try await append(events, to: log)
    }

    static func append(_ events: [Event], to log: any EventLog) async throws {
        let writer = try await log.writer(named: "test")
        var encoder = EventEncoder()
        for start in stride(from: 0, to: events.count, by: 1_000) {
            _ = try await writer.append(
                Append(events[start..<min(events.count, start + 1_000)].map { encoder.record($0) }))
        }
        await writer.close()
    }

    /// What the log tells now.
    func story(
        _ journal: String? = nil, partitions: [Int32] = Array(0..<12), words: RouterWords? = nil
    ) async throws -> RouteStory {
        let log = JournalLog(journal ?? self.journal)
        let timing = (words ?? self.words).policy.routing.timing
        let story = try await RouteStory.open(log, partitions: partitions, timing)
        try await story.readAll()
        await story.close()
        await log.close()
        return story
    }

    /// Orders at the broker under a client order id: submits received, and how many live or have filled.
    func count(of id: ClientOrderID) async throws -> (submits: Int, live: Int) {
        let answer = try await broker.control("/_sim/summary")
        return try Orders(answer)[id.text]
    }

    /// Submits and live orders by client order id.
    struct Orders: Sendable {
        private let rows: [String: (submits: Int, live: Int)]

        private struct Summary: Decodable {
            struct Row: Decodable {
                let client_order_id: String
                let submits: Int
                let live_or_filled: Int
            }
            let client_order_ids: [Row]
        }

        init(_ summary: JSONAnswer) throws {
            let summary = try summary.decoded(as: Summary.self)
            rows = Dictionary(
                uniqueKeysWithValues: summary.client_order_ids.map {
                    ($0.client_order_id, ($0.submits, $0.live_or_filled))
                })
        }

        subscript(id: String) -> (submits: Int, live: Int) { rows[id] ?? (0, 0) }
        var ids: Dictionary<String, (submits: Int, live: Int)>.Keys { rows.keys }
    }
}

/// A router in the test's own process.
final class RouterHere: Sendable {
    let log: any EventLog
    let registry = Registry()
    let fleet: RouterFleet
    let notes: Notes
    let words: RouterWords

    final class Notes: RouterObserver {
        private let lines = Guard<[String]>([])
        var all: [String] { lines.value }
        func noted(_ note: RouterNote) {
            lines.change { $0.append("\(note.kind.rawValue) \(note.partition): \(note.text)") }
        }
        func progressed(_ partition: Int32) {}
    }

    init(
        _ words: RouterWords, on log: any EventLog, partitions: Set<Int32> = Set(0..<12), process: String = "here",
        snapshots: SnapshotStore? = nil, localStop: @escaping LocalStopReading = { .none }
    ) {
        self.words = words
        self.log = log
        notes = Notes()
        var setup = words.setup(log, registry: registry, process: process, observer: notes, localStop: localStop)
        setup.snapshots = snapshots
        fleet = RouterFleet(setup)
        fleet.take(partitions)
    }

    /// Reads the log until it says this of an intent.
    func story(
        _ limit: Duration = .seconds(30), until isTold: (RouteStory) -> Bool
    ) async throws -> RouteStory {
        let story = try await RouteStory.open(log, words.policy.routing.timing)
        let deadline = ContinuousClock.now + limit
        while !isTold(story), ContinuousClock.now < deadline { try await story.read() }
        await story.close()
        return story
    }
}

extension RouterGround {
    /// Somebody else's submit to the runner.
    func submit(_ body: String, key: String) async throws {
        let script = """
            import urllib.request
            request = urllib.request.Request("\(runner.address())/v1/orders/submit", data=b'''\(body)''', method="POST",
                headers={"Content-Type": "application/json", "Idempotency-Key": "\(key)"})
            print(urllib.request.urlopen(request, timeout=10).status)
            """
        let verdict = try await aside { try Judge.python(script) }
        guard verdict.output.contains("200") else { throw NeverCame("an order: \(verdict)") }
    }
}

extension RouterGround {
    /// The bytes of a symbol's records on a topic, as text.
    static func values(of topic: String, _ symbol: String, in log: any EventLog) async throws -> [String] {
        let source = TopicPartition(topic, partition(of: symbol))
        let reader = try await log.reader(from: [source: .beginning], ReadOptions())
        var values: [String] = []
        while true {
            let batch = try await reader.next(waiting: .milliseconds(50))
            if batch.isEmpty, batch.next.isEmpty { break }
            values += batch.entries.map { String(decoding: batch.copy(of: $0.value) ?? [], as: UTF8.self) }
        }
        await reader.close()
        return values
    }
}
