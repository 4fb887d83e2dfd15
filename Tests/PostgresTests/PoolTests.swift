import Postgres
import TestSupport
import Testing

@Suite struct `A pool of sessions` {
    private let database: PrivateDatabase

    init() throws { database = try PrivatePostgres.shared().database() }

    @Test func `lends at most so many at once, keeps them, and serves everybody`() async throws {
        let pool = SessionPool(database.settings, maximumSessions: 2)
        let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await pool.use { session throws(PostgresError) in
                        try session.run("SELECT pg_sleep(0.01)")
                        return session.backendPID
                    }
                }
            }
            return try await group.reduce(into: Set<Int32>()) { $0.insert($1) }
        }
        #expect(pids.count <= 2)
        pool.close()
    }

    @Test func `rolls back what was left open, and replaces a session that died`() async throws {
        let pool = SessionPool(database.settings, maximumSessions: 1)
        let first = try await pool.use { session throws(PostgresError) in
            try session.run("BEGIN; CREATE TABLE t (a int)")
            return session.backendPID
        }
        let second = try await pool.use { session throws(PostgresError) in
            let rows = try session.query(.sql("SELECT to_regclass('t') IS NULL")).rows
            return (session.backendPID, rows.bool(0, 0))
        }
        #expect(second == (first, true))
        var other = try database.session()
        try other.run("SELECT pg_terminate_backend(\(first), 5000)")
        let third = try await pool.use { session in session.backendPID }
        #expect(third != first)
        pool.close()
    }

    @Test func `refuses who waits too long, and who comes when the line is full`() async throws {
        let pool = SessionPool(
            database.settings, maximumSessions: 1, maximumWaiting: 1, waitLimit: .seconds(2))
        let database = database
        let refusals = await withTaskGroup(of: PostgresError?.self) { group in
            // One holds the session until three have come; of the others one waits and two are turned away.
            for _ in 0..<4 {
                group.addTask {
                    do throws(PostgresError) {
                        _ = try await pool.use { session throws(PostgresError) in
                            try session.run("SELECT pg_sleep(4)")
                        }
                    } catch { return error }
                    return nil
                }
            }
            return await group.reduce(into: [PostgresError?]()) { $0.append($1) }
        }
        _ = database
        #expect(refusals.count { $0 == nil } == 1)
        #expect(refusals.count { $0?.reason == .noAnswer(within: .seconds(2)) } == 1)
        #expect(
            refusals.count { $0?.reason == .limitExceeded(name: "maximumWaiting", allowed: 1, actual: 2) } == 2)
        #expect(try await pool.use { session in session.isOpen })
        pool.close()
        await #expect(throws: PostgresError.self) { _ = try await pool.use { session in session.isOpen } }
    }
}
