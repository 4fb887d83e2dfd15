import Digest
import Foundation
import Postgres
import TestSupport
import Testing

@Suite struct `Migrations` {
    private let database: PrivateDatabase
    private let folder = TemporaryFolder()

    init() throws { database = try PrivatePostgres.shared().database() }

    private func write(_ name: String, _ sql: String) throws {
        try Data(sql.utf8).write(to: URL(filePath: "\(folder.path)/\(name)"))
    }

    private func read() throws -> [Migration] {
        try Migration.read(from: folder.path) { bytes in
            var hasher = SHA256()
            hasher.update(bytes)
            return hasher.finish().map { String(format: "%02x", $0) }.joined()
        }
    }

    private func refusal() -> String? {
        fault {
            var session = try database.session()
            try session.migrate(try read())
        }?.message
    }

    @Test func `run in order, once, each recorded with its checksum`() throws {
        try write("0001-first.sql", "CREATE TABLE a (x int);")
        try write("0002-second.sql", "INSERT INTO a VALUES (1); CREATE TABLE b AS SELECT * FROM a;")
        var session = try database.session()
        #expect(try session.pendingMigrations(of: try read()) == ["0001-first.sql", "0002-second.sql"])
        #expect(try session.migrate(try read()) == ["0001-first.sql", "0002-second.sql"])
        #expect(try session.migrate(try read()).isEmpty)
        try write("0003-third.sql", "DROP TABLE b")
        #expect(try session.migrate(try read()) == ["0003-third.sql"])
        let rows = try session.query(.sql("SELECT sha256 FROM torghut_migrations ORDER BY number")).rows
        let judged = try Judge.run("sha256sum", ["\(folder.path)/0001-first.sql"]).output
        #expect(judged.hasPrefix(rows.text(0, 0) ?? "?"))
    }

    @Test func `that changed after they were applied are refused, with the file and both checksums`() throws {
        try write("0001-first.sql", "CREATE TABLE a (x int)")
        var session = try database.session()
        let before = try read()
        try session.migrate(before)
        try write("0001-first.sql", "CREATE TABLE a (x bigint)")
        try write("0002-second.sql", "CREATE TABLE b (x int)")
        let text = refusal() ?? ""
        let changed = try read()
        #expect(text.contains("0001-first.sql"))
        #expect(text.contains(before[0].checksum) && text.contains(changed[0].checksum))
        #expect(try session.query(.sql("SELECT to_regclass('b') IS NULL")).rows.bool(0, 0) == true)
    }

    @Test func `with a gap, a number twice or another name are refused, and one less is not`() throws {
        try write("0001-first.sql", "SELECT 1")
        try write("0003-third.sql", "SELECT 1")
        #expect(refusal()?.contains("0003-third.sql does not follow after 0001-first.sql") == true)
        try FileManager.default.moveItem(
            atPath: "\(folder.path)/0003-third.sql", toPath: "\(folder.path)/0001-third.sql")
        #expect(refusal()?.contains("each once") == true)
        try FileManager.default.moveItem(
            atPath: "\(folder.path)/0001-third.sql", toPath: "\(folder.path)/0002-second.sql")
        #expect(refusal() == nil)
        try FileManager.default.moveItem(
            atPath: "\(folder.path)/0002-second.sql", toPath: "\(folder.path)/0002-other.sql")
        #expect(refusal()?.contains("was applied as 0002-second.sql and is 0002-other.sql now") == true)
        try FileManager.default.removeItem(atPath: "\(folder.path)/0002-other.sql")
        // A program that is older than its database leaves alone what it does not know, and still knows its own.
        var session = try database.session()
        let own = try read()
        #expect(try session.migrate(own) == [] && session.pendingMigrations(of: own) == [])
        #expect(try session.laterMigrations(than: own) == ["0002-second.sql"])
        try write("0001-first.sql", "SELECT 2")
        #expect(refusal()?.contains("0001-first.sql was changed after it was applied") == true)
        try write("0001-first.sql", "SELECT 1")
        try write("2-short.sql", "SELECT 1")
        #expect(refusal()?.contains("not named NNNN-what-it-does.sql") == true)
    }

    @Test func `that fail leave nothing of themselves, and keep what went before`() throws {
        try write("0001-first.sql", "CREATE TABLE a (x int)")
        try write("0002-second.sql", "CREATE TABLE b (x int); SELECT 1/0")
        #expect(refusal()?.contains("0002-second.sql: division by zero") == true)
        var session = try database.session()
        #expect(try session.pendingMigrations(of: try read()) == ["0002-second.sql"])
        #expect(try session.query(.sql("SELECT to_regclass('b') IS NULL")).rows.bool(0, 0) == true)
        try write("0002-second.sql", "CREATE TABLE b (x int); COMMIT")
        #expect(refusal()?.contains("ends its transaction itself") == true)
    }

    @Test func `of two processes at once are applied once: the other waits`() async throws {
        try write("0001-first.sql", "CREATE TABLE a (x int); SELECT pg_sleep(0.2)")
        try write("0002-second.sql", "CREATE TABLE b (x int)")
        let (migrations, database) = (try read(), database)
        async let one = aside { () throws -> [String] in
            var session = try database.session()
            return try session.migrate(migrations)
        }
        async let two = aside { () throws -> [String] in
            var session = try database.session()
            return try session.migrate(migrations)
        }
        let applied = try await [one, two]
        #expect(applied.sorted { $0.count < $1.count } == [[], ["0001-first.sql", "0002-second.sql"]])
    }

    @Test func `that wait too long for a lock say who holds it`() throws {
        try write("0001-first.sql", "CREATE TABLE a (x int)")
        #expect(refusal() == nil)
        try write("0002-second.sql", "ALTER TABLE a ADD y int")
        var settings = database.settings
        settings.applicationName = "nightly-report"
        var holder = try Session(settings)
        settings.lockTimeout = .milliseconds(50)
        var session = try Session(settings)

        try holder.run("BEGIN; SELECT * FROM a")
        let table = fault { try session.migrate(try read()) }
        #expect(table?.sqlState == "55P03")
        #expect("\(table as Any)".contains("held by pid \(holder.backendPID) (nightly-report, idle in transaction"))
        try holder.run("COMMIT; SELECT pg_advisory_lock(\(0x746F_7267_6875_74))")
        let process = fault { try session.migrate(try read()) }
        #expect(process?.disposition == .retry)
        #expect("\(process as Any)".contains("another process migrates"))
        #expect("\(process as Any)".contains("held by pid \(holder.backendPID) (nightly-report"))
        try holder.run("SELECT pg_advisory_unlock_all()")
        #expect(try session.migrate(try read()) == ["0002-second.sql"])
    }
}
