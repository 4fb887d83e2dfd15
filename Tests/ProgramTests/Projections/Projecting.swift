import Core
import Domain
import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// A journal, a fresh database and the program that folds the one into the other.
struct Projecting {
    /// Where the tests' events lie, and what they become.
    static let topic = TopicCatalog.orderEvents.name
    static let steps = "order_observations"
    static let projection = "order_observations"

    var program: Program
    let database: PrivateDatabase

    init() async throws {
        program = try Program(Ground())
        database = try PrivatePostgres.shared().database()
        program.environment = ["TORGHUT_DB_DSN": database.address]
    }

    func start(_ arguments: String...) throws -> Projector {
        try Projector(program, ["run", "--roles", "projections"] + arguments)
    }

    func append(_ lines: [String], key: String? = nil) async throws {
        let appended = try await program.run(
            ["log", "append", "--topic", Self.topic], input: Array(lines.joined(separator: "\n").utf8))
        try #require(appended.status == 0 && appended.lines.count == lines.count, "\(appended.err)")
    }

    func number(_ sql: String) throws -> Int64 {
        var session = try database.session()
        let rows = try session.run(sql)[0].rows
        return rows.integer(0, 0) ?? -1
    }

    func exists(_ relation: String) throws -> Bool {
        try number("SELECT count(*) FROM pg_class WHERE relname = '\(relation)'") > 0
    }

    /// Waits until so many events are folded; the test fails when that takes too long.
    func waitForSteps(_ count: Int64) async throws {
        try await eventually("\(count) rows") {
            try exists(Self.steps) && number("SELECT count(*) FROM \(Self.steps)") == count
        }
    }

    /// Looks again and again, as somebody outside has to.
    func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await !condition() {
            if ContinuousClock.now > deadline { let l = FileManager.default.enumerator(atPath: program.ground.folder)?.allObjects.compactMap { $0 as? String }.filter { $0.hasPrefix("said") } ?? []; for f in l { print(try String(contentsOfFile: program.ground.folder + "/" + f, encoding: .utf8)) }; print(try await program.run("quarantine","list","--all").text, try await program.run("projections","status").text, try await program.run("log","read","--topic","torghut.control.v1").text) }
            try #require(ContinuousClock.now < deadline, "\(what) did not come")
            try await Task.sleep(for: .milliseconds(30))
        }
    }

    func status() async throws -> (code: Int32, units: [[String: any Sendable]], says: String) {
        let output = try await program.run("projections", "status", "--json")
        var lines = try output.lines.map { try fields($0) }
        let verdict = lines.popLast()
        return (output.status, lines, "\(verdict?["says"] ?? "")\(output.err)")
    }

    /// Drops everything that was folded.
    func forget() throws {
        var session = try database.session()
        try session.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    }

    func roots() throws -> [String] {
        var session = try database.session()
        let rows = try session.run(
            "SELECT log_partition || ' ' || root FROM projection_checkpoints ORDER BY log_partition")[0].rows
        return (0..<rows.count).map { rows.text($0, 0) ?? "" }
    }
}

/// A running projector, and what it said.
final class Projector {
    let process: Process
    private let said: String

    init(_ program: Program, _ arguments: [String]) throws {
        said = program.ground.folder + "/said-" + UUID().uuidString
        try Data().write(to: URL(fileURLWithPath: said))
        process = program.process(arguments)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: said)
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func text() throws -> String { try String(contentsOfFile: said, encoding: .utf8) }
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func stop() async throws -> Int32 {
        signal(SIGTERM)
        return try await process.finish(within: .seconds(20))
    }
}

/// Lines for `log append`.
enum Snapshots {
    static func line(_ number: Int, order: Int, symbol: String) throws -> String {
        let value = String(decoding: try value(number, order: order, symbol: symbol), as: UTF8.self)
        return "{\"key\":\"\(symbol)\",\"value\":\(value)}"
    }

    static func lines(_ numbers: Range<Int>) throws -> [String] {
        try numbers.map { try line($0, order: $0 % 50, symbol: "S\($0 % 50 % 23)") }
    }

    static func value(_ number: Int, order: Int, symbol: String) throws -> [UInt8] {
        let at = Timestamp(nanoseconds: 1_770_000_000_000_000_000 + Int64(number) * 1_000_000)
        let envelope = Envelope(
            eventID: EventID(hashed: UInt64(number), 7), eventTime: at, ingestTime: at,
            account: try AccountLabel("paper"), symbol: try Symbol(symbol), seq: Int64(number),
            source: try SourceName("test"), correlation: StoryID(hashed: UInt64(order), 1))
        let content = OrderSnapshotObserved(
            order: OrderKey(clientOrderID: try ClientOrderID("order-\(order)")), observedBy: .listOrders,
            observedAt: at, status: try BrokerWord("partially_filled"), qty: 100,
            filledQty: Amount(units: Int128(number)), avgFillPrice: 1, rawOrder: .emptyObject)
        var encoder = EventEncoder()
        return encoder.encode(Event(envelope, .orderEvents(.orderSnapshotObserved(content))))
    }

    /// An event of the right type that says nothing.
    static func poison(_ number: Int, symbol: String) throws -> String {
        let value = String(decoding: try value(number, order: 0, symbol: symbol), as: UTF8.self)
        return "{\"key\":\"\(symbol)\",\"value\":\(value.replacing("partially_filled", with: ""))}"
    }
}
