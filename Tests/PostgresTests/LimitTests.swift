import Glibc
import Postgres
import TestSupport
import Testing

@Suite struct `A wait` {
    private let database: PrivateDatabase

    init() throws {
        database = try PrivatePostgres.shared().database()
        var session = try database.session()
        try session.run("CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 0), (2, 0)")
    }

    private func session(_ change: (inout PostgresSettings) -> Void) throws -> Session {
        var settings = database.settings
        change(&settings)
        return try Session(settings)
    }

    @Test func `for a lock ends at lockTimeout and may be repeated`() throws {
        var holder = try database.session()
        try holder.run("BEGIN; LOCK t")
        var session = try session { $0.lockTimeout = .milliseconds(50) }
        let error = fault { try session.run("UPDATE t SET b = 1") }
        #expect(error?.sqlState == "55P03")
        #expect(error?.disposition == .retry)
        #expect(error?.needsNewSession == false)
        try holder.run("ROLLBACK")
        #expect(try session.run("UPDATE t SET b = 1")[0].affected == 2)
    }

    @Test func `for a statement ends at statementTimeout`() throws {
        var session = try session { $0.statementTimeout = .milliseconds(50) }
        let error = fault { try session.run("SELECT pg_sleep(30)") }
        #expect(error?.sqlState == "57014")
        #expect(error?.disposition == .retry)
        #expect(session.isIdle == true)
    }

    @Test func `with an open transaction ends the session at idleInTransactionTimeout`() throws {
        var session = try session { $0.idleInTransactionTimeout = .milliseconds(50) }
        try session.run("BEGIN; UPDATE t SET b = 5")
        try database.await("NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(session.backendPID))")
        let error = fault { try session.run("COMMIT") }
        #expect(error?.sqlState == "25P03")
        #expect(error?.needsNewSession == true)
        var other = try database.session()
        #expect(try other.query(.sql("SELECT sum(b) FROM t")).rows.integer(0, 0) == 0)
    }

    @Test func `for a server that is stopped ends at answerTimeout, and gives the session up`() throws {
        var session = try session { $0.answerTimeout = .milliseconds(100) }
        let pid = session.backendPID
        #expect(kill(pid, SIGSTOP) == 0)
        defer { kill(pid, SIGCONT) }
        let error = fault { try session.run("SELECT 1") }
        #expect(error?.reason == .noAnswer(within: .milliseconds(100)))
        #expect(error?.needsNewSession == true)
        #expect(error?.disposition == .retry)
        #expect(session.isOpen == false)
    }

    @Test func `is ended by a cancel from another thread`() async throws {
        let database = database
        var session = try database.session()
        let canceller = try session.canceller()
        let pid = session.backendPID
        async let cancelled: Void = aside {
            try database.await("EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(pid) AND query LIKE '%30%')")
            try canceller.cancel()
        }
        let error = fault { try session.run("SELECT pg_sleep(30)") }
        #expect(error?.sqlState == "57014")
        try await cancelled
        #expect(try session.query(.sql("SELECT 1")).rows.integer(0, 0) == 1)
    }

    @Test func `of two sessions for one another ends in a deadlock for one, which may be repeated`() async throws {
        let database = database
        var one = try database.session()
        var two = try database.session()
        try one.run("SET deadlock_timeout = '50ms'; BEGIN; UPDATE t SET b = 1 WHERE a = 1")
        try two.run("SET deadlock_timeout = '10s'; BEGIN; UPDATE t SET b = 2 WHERE a = 2")
        try two.begin("UPDATE t SET b = 2 WHERE a = 1")
        let pid = two.backendPID
        try database.await("EXISTS (SELECT FROM pg_locks WHERE pid = \(pid) AND NOT granted)")
        let error = fault { try one.run("UPDATE t SET b = 1 WHERE a = 2") }
        #expect(error?.sqlState == "40P01")
        #expect(error?.disposition == .retry)
        #expect(one.isInTransaction == true)
        try one.run("ROLLBACK")
        #expect(try two.finish()[0].affected == 1)
        try two.run("COMMIT")
    }

    @Test func `that lost a race of serializable transactions may be repeated`() throws {
        var one = try database.session()
        var two = try database.session()
        let sql = "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT sum(b) FROM t"
        try one.run(sql)
        try two.run(sql)
        try one.run("UPDATE t SET b = 1 WHERE a = 1; COMMIT")
        let error = fault { try two.run("UPDATE t SET b = 1 WHERE a = 2; COMMIT") }
        #expect(error?.sqlState == "40001")
        #expect(error?.disposition == .retry)
    }
}
