import Core
import Domain
import JSON
import Journal
import Synchronization
import Telemetry
import TestSupport
import Testing
import Threading

@testable import lean_runner

@Suite struct `The ledger` {
    private static func entry(
        _ id: String, _ stage: LedgerEntry.Stage, key: String? = "k", at: Int64 = 0, hash: [UInt8] = [1],
        answer: StoredAnswer? = nil
    ) throws -> LedgerEntry {
        LedgerEntry(
            clientOrderID: try ClientOrderID(id), key: key, bodyHash: hash, stage: stage,
            changedAt: Timestamp(nanoseconds: at), answer: answer)
    }

    private static func asked(_ id: String, key: String = "k", hash: [UInt8] = [1]) throws -> AskedOrder {
        AskedOrder(key: key, clientOrderID: try ClientOrderID(id), bodyHash: hash)
    }

    @Test func `judges a request by its id, its key and its body`() throws {
        let answer = StoredAnswer(status: 200, body: Array("{}".utf8))
        let rules: [(LedgerEntry.Stage, LedgerBook.Admission?)] = [
            (.received, .open), (.submitted, nil), (.rejected, nil), (.notSent, .admitted), (.voided, .voided),
        ]
        for (stage, expected) in rules {
            var book = LedgerBook(maximumKeys: 10)
            let entry = try Self.entry("a", stage, answer: answer)
            book.put(entry)
            #expect(book.judge(try Self.asked("a")) == expected ?? .answered(entry), "\(stage)")
            let isVoid = stage == .voided
            #expect(book.judge(try Self.asked("a", hash: [2])) == (isVoid ? .voided : .conflict), "\(stage)")
            #expect(book.judge(try Self.asked("a", key: "l")) == (isVoid ? .voided : .conflict), "\(stage)")
            #expect(book.judge(try Self.asked("b")) == .conflict, "\(stage)")
            #expect(book.judge(try Self.asked("b", key: "l")) == .admitted, "\(stage)")
        }
        for key in [nil, "k"] {
            var book = LedgerBook(maximumKeys: 10)
            book.put(try Self.entry("seen", .foreign, key: key, answer: answer))
            #expect(book.judge(try Self.asked("seen")) == .conflict)
        }
    }

    @Test func `forgets what is closed, never what is in doubt, and takes no more keys than it may`() throws {
        var book = LedgerBook(maximumKeys: 3)
        for (number, stage) in [LedgerEntry.Stage.received, .submitted, .voided].enumerated() {
            book.put(try Self.entry("id-\(number)", stage, key: "key-\(number)", at: 10))
        }
        #expect(book.judge(try Self.asked("new", key: "new")) == .full)
        #expect(book.forget(before: Timestamp(nanoseconds: 10)) == 0)
        #expect(book.forget(before: Timestamp(nanoseconds: 11)) == 2)
        #expect(book.judge(try Self.asked("new", key: "new")) == .admitted)
        #expect(book.judge(try Self.asked("id-0", key: "key-0")) == .open)
        #expect(book.judge(try Self.asked("other", key: "key-1")) == .admitted)
    }

    @Test func `holds no more bytes of answers than it may`() throws {
        var book = LedgerBook(maximumKeys: 10, maximumBytes: 100)
        let answer = StoredAnswer(status: 200, body: [UInt8](repeating: 32, count: 60))
        for id in ["a", "a", "b"] {
            #expect(book.hasRoom)
            book.put(try Self.entry(id, .submitted, key: id, answer: answer))
        }
        #expect(book.bytes == 120)
        #expect(book.judge(try Self.asked("new", key: "new")) == .full)
        #expect(book.forget(before: Timestamp(nanoseconds: 1)) == 2)
        #expect(book.bytes == 0)
        #expect(book.judge(try Self.asked("new", key: "new")) == .admitted)
    }

    @Test func `reads an answer as deep as any that is taken from a broker`() throws {
        let depth = Document.brokerLimits.maximumDepth
        let text = String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        let answer = try Document(Array(text.utf8), limits: Document.brokerLimits).bytes
        let entry = try Self.entry("a", .submitted, answer: StoredAnswer(status: 200, body: answer))
        #expect(try LedgerRecord(LedgerRecord.entry(entry).bytes) == .entry(entry))
    }

    @Test func `reads every record that it writes`() throws {
        var random = SplitMix64(seed: 7)
        for round in 0..<500 {
            let stages: [LedgerEntry.Stage] = [.received, .submitted, .rejected, .notSent, .voided, .foreign]
            let stage = stages[Int(random.next() % 6)]
            let hasAnswer = [.submitted, .rejected, .foreign].contains(stage)
            let hash = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            var entry = try Self.entry(
                "id \"\(random.next())\" ü", stage, key: random.next() % 2 == 0 ? nil : "k\\\(round)",
                at: Int64(random.next() % 4_000_000_000_000_000_000), hash: hash,
                answer: hasAnswer ? StoredAnswer(status: 200, body: Array(#"{"a":"b\n","c":1.50}"#.utf8)) : nil)
            entry.deadline = random.next() % 2 == 0 ? nil : entry.changedAt
            #expect(try LedgerRecord(LedgerRecord.entry(entry).bytes) == .entry(entry), "seed 7, round \(round)")
        }
        let others: [LedgerRecord] = [.epoch(.max, scope: "a/3"), .probe(.epoch), .birth(.epoch)]
        for record in others { #expect(try LedgerRecord(record.bytes) == record) }
        for text in ["", "{}", #"{"type":"entry"}"#, #"{"type":"later"}"#, #"{"type":"epoch","scope":1}"#] {
            #expect(throws: LedgerRecord.Unreadable.self) { try LedgerRecord(Array(text.utf8)) }
        }
    }

    /// A ledger on a journal of its own; time is the machine's.
    private struct Ground {
        let folder = TemporaryFolder(inMemory: true)
        let house: RunnerHouse
        let ledger: Ledger

        init(
            folder given: TemporaryFolder? = nil, horizon: Duration = .seconds(7_200),
            time: any TimeSource = SystemTime()
        ) async throws {
            let path = (given ?? folder).path
            var keeping = JournalSettings()
            keeping.control = false
            var settings = RunnerSettings()
            settings.limits.horizon = horizon
            house = RunnerHouse(
                settings, journal: try await Journal.open(path + "/journal", keeping), time: time,
                registry: Registry(), logbook: Logbook(time: time) { _ in })
            ledger = try await Ledger.open(house)
        }
    }

    /// The machine's time, with a clock on the wall that somebody sets.
    private final class SetClock: TimeSource {
        private let machine = SystemTime()
        private let ahead = Mutex(Duration.zero)

        func set(ahead by: Duration) { ahead.withLock { $0 = by } }
        func now() -> Timestamp { machine.now().advanced(by: ahead.withLock { $0 }) ?? .latest }
        func uptime() -> Duration { machine.uptime() }
    }

    @Test func `forgets nothing because a clock is set ahead, and back`() async throws {
        let folder = TemporaryFolder(inMemory: true)
        let clock = SetClock()
        var ground = try await Ground(folder: folder, time: clock)
        let closed = try Self.entry("closed", .voided, at: clock.now().nanoseconds)
        try await ground.ledger.settle(closed)
        clock.set(ahead: .seconds(8 * 86_400))
        try await ground.ledger.maintain()
        #expect(ground.ledger[closed.clientOrderID] == closed)
        await ground.house.journal.close()
        ground = try await Ground(folder: folder, time: clock)
        #expect(ground.ledger[closed.clientOrderID] == closed)
        await ground.house.journal.close()
    }

    @Test func `is young for as long as a request of another may live, also after a restart`() async throws {
        let folder = TemporaryFolder(inMemory: true)
        let clock = SetClock()
        var ground = try await Ground(folder: folder, time: clock)
        #expect(ground.ledger.isYoung)
        await ground.house.journal.close()
        clock.set(ahead: .seconds(3_601))
        ground = try await Ground(folder: folder, time: clock)
        #expect(!ground.ledger.isYoung)
        await ground.house.journal.close()
    }

    @Test func `keeps doubts and epochs when its journal lets go of what is old`() async throws {
        let folder = TemporaryFolder(inMemory: true)
        let horizon = Duration.seconds(7_200)
        var ground = try await Ground(folder: folder, horizon: horizon)
        let old = try #require(ground.house.time.now().advanced(by: .seconds(-7_100)))
        let older = try #require(ground.house.time.now().advanced(by: .seconds(-8_000)))
        let doubtful = try Self.entry("doubtful", .received, key: "d", at: old.nanoseconds)
        let closed = try Self.entry("closed", .voided, key: "c", at: older.nanoseconds)
        let flight = Flight()
        #expect(ground.ledger.take(try Self.asked("doubtful", key: "d"), flight) == .admitted)
        try await ground.ledger.note(7, in: "p")
        ground.ledger.doubt(doubtful, flight)
        let second = Flight()
        #expect(ground.ledger.take(try Self.asked("closed", key: "c"), second) == .admitted)
        ground.ledger.land(closed.clientOrderID, second, closed)
        #expect(ground.ledger[closed.clientOrderID] != nil)
        try await ground.ledger.maintain()
        #expect(ground.ledger[closed.clientOrderID] == nil)
        #expect(ground.ledger[doubtful.clientOrderID] == doubtful)
        await ground.house.journal.close()
        ground = try await Ground(folder: folder, horizon: horizon)
        #expect(ground.ledger[doubtful.clientOrderID] == doubtful)
        #expect(ground.ledger.doubts.count == 1)
        #expect(!ground.ledger.isCurrent(6, in: "p"))
        #expect(ground.ledger.isCurrent(7, in: "p"))
        await ground.house.journal.close()
    }

    @Test func `says that it cannot write, and takes nothing then`() async throws {
        let ground = try await Ground()
        #expect(await ground.ledger.isWritable(within: .zero))
        await ground.house.journal.close()
        #expect(await !ground.ledger.isWritable(within: .zero))
        // Each time: nobody goes on with an epoch that a restart would forget.
        for _ in 0..<2 { await #expect(throws: RunnerFault.self) { try await ground.ledger.note(1, in: "") } }
        // Seen is seen, also when it could not be written.
        #expect(!ground.ledger.isCurrent(0, in: ""))
    }
}
