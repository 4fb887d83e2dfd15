import Core
import Domain
import Foundation
import Postgres
import TestSupport
import Testing

/// A journal, a fresh database and the program that folds the one into the other.
struct Projecting {
    /// Where the tests' events lie, and what they become.
    static let topic = TopicCatalog.leanShadow.name
    static let steps = "lean_execution_shadow_events"
    static let projection = "lean_execution_shadow_events"
    /// Partitions of all projections.
    static let units = 85

    var program: Program
    let database: PrivateDatabase

    /// On the server that all tests share, unless a test brings one that it may restart.
    init(on server: PrivatePostgres? = nil) async throws {
        program = try Program(Ground())
        database = try (server ?? .shared()).database()
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

    func run(_ sql: String) throws {
        var session = try database.session()
        try session.run(sql)
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

    func waitUntilFolded(within limit: Duration = .seconds(50)) async throws {
        try await eventually("the end of the log", within: limit) {
            let units = try await status().units
            return units.count == Self.units && units.allSatisfy { $0["lag"] as? Int == 0 }
        }
    }

    func roots() throws -> [String] {
        var session = try database.session()
        let rows = try session.run(
            "SELECT projection || ' ' || log_partition || ' ' || root FROM projection_checkpoints ORDER BY 1")[0].rows
        return (0..<rows.count).map { rows.text($0, 0) ?? "" }
    }
}

/// A running projector, and what it said.
final class Projector: Sendable {
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
        return try await process.finish()
    }
}

/// Events of the shadow lane as lines for `log append`: each becomes one row.
enum Shadows {
    static func lines(_ numbers: Range<Int>) -> [String] { numbers.map { line($0, symbol: "S\($0 % 23)") } }

    static func line(_ number: Int, symbol: String) -> String {
        "{\"key\":\"\(symbol)\",\"value\":\(value(number, symbol: symbol))}"
    }

    /// An event that lacks what it is about.
    static func poison(_ number: Int, symbol: String) -> String {
        line(number, symbol: symbol).replacing(
            "3bc62e1f51c8eba7dda2570480d957cba9b877b6ccf2fc777e5d06c4e90dee5f", with: "")
    }

    static func value(_ number: Int, symbol: String) -> String {
        let id = String(number + 1_000_000)
        return """
            {"event_id":"00000000-0000-8000-8000-00000\(id)","event_type":"shadow.failed","version":1,\
            "event_ts":"2026-02-12T06:35:00Z","ingest_ts":"2026-02-12T06:35:00Z","account_label":"paper",\
            "symbol":"\(symbol)","seq":\(number),"source":"test",\
            "correlation_id":"00000000-0000-8000-8000-000000000001","payload":{\
            "intent_id":"00000000-0000-8000-8000-000000000002",\
            "decision_hash":"3bc62e1f51c8eba7dda2570480d957cba9b877b6ccf2fc777e5d06c4e90dee5f",\
            "failure_taxonomy":"http_error","http_status":502,"reason":"a test","attempt":1}}
            """
    }
}
