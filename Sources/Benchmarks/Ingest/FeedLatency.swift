import Adapters
import Bus
import Core
import Domain
import HTTPServer
import Ingest
import Synchronization
import Threading
import WebSocket
import Wire

/// A frame that a broker sends, until its event is on the log: our stream, our feed and a reader, all of them at work.
enum FeedLatency {
    private static let perSecond = 1_000
    private static let seconds = 10

    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("feed-latency")
        let log = JournalLog("\(scratch.path)/journal")
        try await log.create(TopicCatalog.specs)
        let broker = try WebSocketServer { await Self.speak(to: $0) }
        let lists = try HTTPServer { _ in HTTPServerResponse(status: 200, body: .bytes(Array("[]".utf8))) }
        let secret = Secret("bench")
        let place = StreamPlace(
            address: "ws://127.0.0.1:\(broker.port)/stream", account: AccountLabel(trusted: "paper"), keyID: secret,
            secretKey: secret,
            rest: AlpacaSettings(address: "http://127.0.0.1:\(lists.port)", keyID: secret, secretKey: secret))
        let stream = StreamContext(
            log: log, place: place, process: ProcessName(trusted: "bench"), time: SystemTime(), observer: Nobody())
        let feed = FeedSpeed.context(log, scratch, FeedClock())
        let work = [
            Task { try await AlpacaStream(stream).run() }, Task { try await OrderFeed(feed).run() },
        ]
        let waits = try await waits(log)
        for task in work { task.cancel() }
        for task in work { try await task.value }
        await broker.stop()
        await lists.stop()
        await log.close()
        try scratch.remove()
        let sorted = waits.sorted()
        let late = sorted[sorted.count * 99 / 100]
        table.add(
            Row(
                name: "broker's frame to the order event that a reader sees, p99 at 1,000 frames a second",
                ours: "\(Row.short(late.seconds * 1_000)) ms", floor: "20 ms", ratio: late.seconds / 0.02,
                target: .atMost(1)))
    }

    /// Greets as Alpaca does, and then says at what moment it spoke, a thousand times a second.
    private static func speak(to connection: WebSocketConnection) async {
        do {
            _ = try await connection.receive()
            try connection.send(
                .text(#"{"stream":"authorization","data":{"status":"authorized","action":"authenticate"}}"#))
            _ = try await connection.receive()
            try connection.send(.text(#"{"stream":"listening","data":{"streams":["trade_updates"]}}"#))
            let clock = ContinuousClock()
            let start = clock.now
            for number in 0..<perSecond * seconds {
                try await clock.sleep(until: start + .seconds(1) * number / perSecond)
                try connection.send(.text(frame(number)))
            }
            _ = try await connection.receive()
        } catch { return }
    }

    private static func frame(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        let client = String(repeating: "0", count: 64 - digits.count) + digits
        return #"{"stream":"trade_updates","data":{"event":"new","timestamp":"\#(SystemTime().now())","order":{"#
            + #""id":"o-\#(number)","client_order_id":"\#(client)","symbol":"S\#(number % 500)","status":"new","#
            + #""qty":"100","filled_qty":"0","side":"buy","type":"market","time_in_force":"day"}}}"#
    }

    /// Of each frame once; its twin on the other topic comes beside it.
    private static func waits(_ log: JournalLog) async throws -> [Duration] {
        let topic = TopicCatalog.orderEvents
        let starts = (0..<topic.spec.partitions).map { (TopicPartition(topic.name, $0), ReadStart.beginning) }
        let reader = try await log.reader(
            from: Dictionary(uniqueKeysWithValues: starts), ReadOptions(headers: false))
        var waits: [Duration] = []
        var decoder = EventDecoder(wanting: [.orderEvents(.brokerUpdateRecorded)])
        while waits.count < perSecond * seconds {
            let batch = try await reader.next(waiting: .seconds(5))
            let now = SystemTime().now()
            for entry in batch.entries {
                guard let value = batch.bytes(of: entry.value), case .event(let event) = try decoder.decode(value),
                    case .orderEvents(.brokerUpdateRecorded(let update)) = event.content,
                    update.classification == .applied, let sent = update.brokerEventTime
                else { continue }
                waits.append(now.since(sent))
            }
        }
        await reader.close()
        return waits
    }

    private struct Nobody: StreamObserver {
        func changed(_ standing: StreamStanding) {}
        func received(lag: Duration?) {}
        func committed(_ counts: StreamCounts, took: Duration) {}
        func buffered(_ updates: Int) {}
        func noted(_ note: StreamNote) {}
    }
}
