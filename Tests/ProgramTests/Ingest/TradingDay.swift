import Bus
import Core
import Domain
import Foundation
import Synchronization
import TestSupport
import Testing
import Threading
import Wire

/// A simulated broker's day: orders live every kind of life while the stream is cut, and at the end what we wrote of
/// them must be what the broker's own books say, order by order and fill by fill.
struct TradingDay: Sendable {
    struct Plan: Sendable {
        var orders: Int
        /// How often the stream is cut.
        var cuts: Int
        /// How often the program is killed.
        var kills: Int
        /// Whether some of the cuts leave a connection on which nothing comes: each takes as long as a dead one needs.
        var hasHalfOpen = false
        var seed: UInt64
        /// Steps of lives in a second; none is as fast as it goes.
        var pace: Int
        /// So many lives are in motion at a time.
        var width: Int
        var hidePerMille: Int
        /// How long everything may take; generous, because nothing here is about speed.
        var patience: Duration

        var deeds: Int { cuts + kills }
        /// Orders are handed in by so many at a time: a piece for each deed, and two more.
        var piece: Int { max(1, orders / (deeds + 2)) }
    }

    /// How many of the deeds are done: orders wait for them, so that each falls into the middle of lives.
    private final class Progress: Sendable {
        private let state = Mutex((deeds: 0, isTaken: false))
        var done: Int { state.withLock { $0.deeds } }
        func next() { state.withLock { $0.deeds += 1 } }

        /// Whoever kills and whoever writes take turns: of an append that meets a kill nobody knows whether it is there.
        func take() -> Bool {
            state.withLock { state in
                defer { state.isTaken = true }
                return !state.isTaken
            }
        }
        func give() { state.withLock { $0.isTaken = false } }
    }

    let plan: Plan
    let program: Program
    let broker: Simulator
    private let attempts: DayAttempts
    private let log: JournalLog
    private let time = SystemTime()
    private let progress = Progress()

    init(_ plan: Plan) async throws {
        self.plan = plan
        attempts = DayAttempts(seed: plan.seed)
        broker = try Simulator("alpaca", "--seed", "\(plan.seed)")
        var program = try Program(Ground())
        program.environment = [
            "ENABLE_TRADE_UPDATES": "true", "APCA_API_BASE_URL": broker.address(),
            "ALPACA_TRADE_STREAM_URL": "ws://127.0.0.1:\(broker.ports["stream"] ?? 0)/stream",
            "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret", "TRADING_ACCOUNT_LABEL": "paper",
            "RECONNECT_BASE_MS": "20", "RECONNECT_MAX_MS": "300", "TRADING_STREAM_OVERLAP_SECONDS": "2",
            "TRADING_RECONCILE_MS": "1000", "TRADING_RECONCILE_GRACE_MS": "3000",
            "TRADING_RECONCILE_SILENCE_SECONDS": "5", "TRADING_RECONCILE_REQUESTS_PER_MINUTE": "60000",
        ]
        self.program = program
        try await program.prepared()
        log = JournalLog(program.ground.folder + "/.torghut/journal")
    }

    /// From the first order to the last word; what is left lies on the log and in the books.
    func live() async throws {
        let ingest = try DayIngest(program)
        do {
            try await listening()
            let spoiling = Task {
                do { try await spoil(ingest) } catch {
                    // Told here: what waits for its progress would fail long before anybody asks for this.
                    Issue.record(error, "seed \(plan.seed)")
                    throw error
                }
            }
            try await open()
            try await spoiling.value
            try await wait(for: "the end of all lives") {
                try await broker.control("/_sim/lives")("told") == true
            }
            try await settled(ingest)
            #expect(try await ingest.stop() == 0)
        } catch {
            print(
                "seed \(plan.seed): \(error); the program said: \(try ingest.lines().suffix(20).joined(separator: "\n"))"
            )
            throw error
        }
    }

    /// Orders come by and by: not all of them are in motion at once.
    private func open() async throws {
        var handed = 0
        while handed < plan.orders {
            try await wait(for: "room for more orders") {
                let isTime = progress.done >= plan.deeds || handed < (progress.done + 2) * plan.piece
                guard isTime else { return false }
                return try await broker.control("/_sim/lives")("unfinished", as: Int.self) ?? 0 < plan.width
            }
            let wanted = (handed..<min(plan.orders, handed + plan.piece)).map(attempts.wanted)
            try await wait(for: "a turn to write") {
                progress.take()
            }
            try await hand(in: wanted, seed: plan.seed &+ UInt64(handed))
            progress.give()
            handed += wanted.count
        }
    }

    private func hand(in wanted: [DayAttempts.Wanted], seed: UInt64) async throws {
        let writer = try await log.writer(named: "test.router")
        var encoder = EventEncoder()
        let now = time.now()
        _ = try await writer.append(Append(wanted.map { encoder.record(attempts.prepared($0, at: now)) }))
        let made = try await broker.control(
            "/_sim/lives",
            """
            {"orders": [\(wanted.map(\.json).joined(separator: ","))], "seed": \(seed),
            "hide_per_mille": \(plan.hidePerMille), "duplicate_per_mille": 20, "late_per_mille": 30,
            "steps_per_second": \(plan.pace), "width": \(plan.width)}
            """
        ).decoded(as: Made.self)
        let answered = time.now()
        let accepted = zip(wanted, made.orders).map { attempts.accepted($0, as: $1.id, at: answered) }
        _ = try await writer.append(Append(accepted.map { encoder.record($0) }))
        await writer.close()
    }

    private struct Made: Decodable {
        struct Order: Decodable { let id: String }
        let orders: [Order]
    }

    /// Cuts the stream and kills the program at even distances of the day.
    private func spoil(_ ingest: DayIngest) async throws {
        var (cuts, kills) = (0, 0)
        for number in 0..<plan.deeds {
            let mark = (number + 1) * plan.piece
            try await wait(for: "life number \(mark)") {
                let lives = try await broker.control("/_sim/lives")
                return (lives("orders", as: Int.self) ?? 0) - (lives("unfinished", as: Int.self) ?? 0) >= mark
            }
            try await listening()
            if (number + 1) * plan.kills / plan.deeds > kills {
                kills += 1
                try await wait(for: "a turn to kill") {
                    progress.take()
                }
                try await ingest.kill()
                try await listening()
                progress.give()
            } else {
                try await cut(cuts, ingest)
                cuts += 1
            }
            progress.next()
        }
        print("the stream was cut \(cuts) times, and the program killed \(kills) times")
    }

    /// In all the ways that end a stream.
    private func cut(_ number: Int, _ ingest: DayIngest) async throws {
        let ways = [
            #"{"fault":"cut"}"#, #"{"fault":"cut_mid_frame"}"#, #"{"fault":"cut_after","bytes":3000}"#,
            #"{"fault":"huge","bytes":2000000}"#, #"{"fault":"limit_406"}"#,
        ]
        let before = try ingest.count("stream_ended")
        if number % 7 == 3 { try await broker.control("/_sim/streams/fault", #"{"fault":"garbage"}"#) }
        let way = plan.hasHalfOpen && number % 10 == 5 ? #"{"fault":"half_open"}"# : ways[number % ways.count]
        try await broker.control("/_sim/streams/fault", way)
        // Refused at the door when it comes back.
        if way.contains("limit_406") { try await broker.control("/_sim/streams/fault", #"{"fault":"cut"}"#) }
        try await wait(for: "cut number \(number + 1), \(way)") {
            if try ingest.count("stream_ended") > before { return true }
            // Where all lives have ended meanwhile nothing would pass that could be cut in its middle.
            if try await broker.control("/_sim/lives")("told") == true, !way.contains("half_open") {
                try await broker.control("/_sim/streams/fault", #"{"fault":"garbage"}"#)
            }
            return false
        }
    }

    private func listening() async throws {
        try await wait(for: "a connection") {
            try await broker.control("/_sim/streams")("updates") == 1
        }
    }

    /// Waits until the last gap is closed and every message is told of.
    private func settled(_ ingest: DayIngest) async throws {
        try await listening()
        try await wait(for: "the end of the last gap") {
            let last = try ingest.lines().last { $0.contains("stream_listening") || $0.contains("stream_gap_closed") }
            return last?.contains("stream_gap_closed") ?? false
        }
        // Whatever is on its way from the buffer to the log is there before an append that comes later.
        try await Task.sleep(for: .milliseconds(300))
        try await fed(log)
        // Until every difference that shows itself is on the log.
        try await wait(for: "the end of reconciling") {
            // It folds the whole log, which is long after a long day.
            let shown = try await program.run(["reconcile", "now", "--dry-run", "--json"], limit: plan.patience)
            try #require([0, 3].contains(shown.status), "seed \(plan.seed): \(shown.err)")
            let waiting = try shown.lines.filter { try fields($0)["standing"] as? String != "open" }
            if let first = waiting.first {
                print("\(waiting.count) of \(shown.lines.count) differences wait: \(first)")
            }
            return waiting.isEmpty
        }
    }

    /// Waits until the feed has told of every message.
    func fed(_ log: JournalLog) async throws {
        let sources = [TopicCatalog.tradeUpdates, TopicCatalog.tradeUpdatesV2].flatMap { topic in
            (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        }
        try await wait(for: "the end of the feed") {
            let ends = try await log.bounds(of: sources)
            let reached = try await log.positions(of: "torghut.order-feed", in: sources)
            return ends.allSatisfy { $0.value.end == reached[$0.key]?.next ?? 0 }
        }
    }

    /// As patient as the day is long.
    private func wait(for what: String, _ holds: () async throws -> Bool) async throws {
        try await eventually(what, within: plan.patience, or: { "seed \(plan.seed)" }, holds)
    }

    func close() async { await log.close() }
}

/// The same day once more.
extension TradingDay {
    /// The messages of the day, each order's in another order and each twice, on a log of their own.
    func retell() async throws -> Program {
        var other = try Program(Ground())
        other.environment = ["TRADING_ACCOUNT_LABEL": "paper"]
        try await other.prepared()
        let log = JournalLog(other.ground.folder + "/.torghut/journal")
        let writer = try await log.writer(named: "test.router")
        var encoder = EventEncoder()
        for start in stride(from: 0, to: plan.orders, by: plan.piece) {
            let wanted = (start..<min(plan.orders, start + plan.piece)).map(attempts.wanted)
            let now = time.now()
            _ = try await writer.append(Append(wanted.map { encoder.record(attempts.prepared($0, at: now)) }))
        }
        await writer.close()
        let told = try await aside { [from = program.ground.folder, to = other.ground.folder, seed = plan.seed] in
            try Judge.run("/usr/bin/python3", ["-c", DayJudge.retelling, Program.path, from, to, "\(seed)"])
        }
        try #require(told.status == 0, "seed \(plan.seed): \(told)")
        print("retold: \(told.lines.last ?? "")")
        let feed = try Projector(other, ["run", "--roles", "ingest"])
        try await fed(log)
        #expect(try await feed.stop() == 0)
        await log.close()
        return other
    }

    /// What an outsider makes of the log; with the broker's books beside it, where they are asked for.
    func judge(_ program: Program, against books: Bool) async throws -> Judge.Verdict {
        let arguments =
            ["-c", DayJudge.comparing, Program.path, program.ground.folder] + (books ? [broker.address()] : [])
        return try await aside { try Judge.run("/usr/bin/python3", arguments) }
    }
}
