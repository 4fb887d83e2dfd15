import Foundation
import Postgres
import TestSupport
import Testing

@Suite struct `A COPY` {
    private let database: PrivateDatabase

    init() throws { database = try PrivatePostgres.shared().database() }

    /// The same rows by another program, into another table.
    private func byPsql(_ batch: CopyRows) throws -> Duration {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/rows"
        try Data(batch.bytes + CopyFormat.trailer).write(to: URL(filePath: path))
        var session = try database.session()
        try session.run("CREATE TABLE u (LIKE t)")
        let start = ContinuousClock.now
        let verdict = try Judge.run(
            "psql", ["--no-psqlrc", "-d", database.address, "-c", "\\copy u FROM '\(path)' (FORMAT binary)"])
        let took = ContinuousClock.now - start
        #expect(verdict.output == "COPY \(batch.count)\n")
        #expect(try session.query(.sql("TABLE t EXCEPT TABLE u")).rows.count == 0)
        return took
    }

    private static let load = "COPY t FROM STDIN (FORMAT binary)"

    @Test func `carries a million rows in and out unchanged`() throws {
        var session = try database.session()
        try session.run("CREATE TABLE t (a int8, b text, c int8)")
        let count = 1_000_000
        let batch = CopyRows(0..<count)
        let clock = ContinuousClock.now
        try session.send(Self.load, copies: [batch.bytes])
        #expect(try session.finish().map(\.affected) == [count])
        let loaded = ContinuousClock.now
        let psql = try byPsql(batch)
        var (next, wrong) = (0, 0)
        let taken = try session.copyOut("COPY (SELECT * FROM t ORDER BY a) TO STDOUT (FORMAT binary)") {
            (row: borrowing CopyRow) throws(PostgresError) in
            var at = CopyRow.start
            let a = row.field(at: &at)?.bigEndian(at: 0, as: Int64.self)
            let b = row.field(at: &at)?.copiedText()
            let c = row.field(at: &at)?.bigEndian(at: 0, as: Int64.self)
            let wanted = next % 7 == 0 ? nil : Int64(next) &* 1_000_001
            if row.columns != 3 || a != Int64(next) || b != "order-\(next)" || c != wanted { wrong += 1 }
            next += 1
        }
        #expect(taken == count)
        #expect(wrong == 0)
        print("\(count) rows: COPY in \(loaded - clock), psql's \\copy of the same bytes \(psql)")
    }

    @Test func `takes as many round trips as there are COPYs and one, and sending them does not wait for the end`()
        throws
    {
        var session = try database.session()
        try session.run("CREATE TABLE t (a int8, b text, c int8); CREATE TEMP TABLE s (LIKE t)")
        let before = session.waits
        try session.send(
            "COPY s FROM STDIN (FORMAT binary); \(Self.load); INSERT INTO t SELECT * FROM s; SELECT pg_sleep(0.3)",
            copies: [CopyRows(0..<100).bytes, CopyRows(100..<300).bytes])
        // The server sleeps before the query ends, so we are here before it.
        #expect(session.waits == before + 2)
        #expect(session.isIdle == false)
        let results = try session.finish()
        #expect(session.waits == before + 3)
        #expect(results.map(\.affected) == [100, 200, 100, 1])
        #expect(session.isIdle == true)
    }

    @Test func `in pieces cut anywhere is the same`() throws {
        var session = try database.session()
        try session.run("CREATE TABLE t (a int8, b text, c int8)")
        let bytes = CopyRows(0..<2000).bytes
        var random = SplitMix64(seed: 7)
        try session.begin(Self.load)
        try session.openCopy()
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...5000, using: &random))
            try session.feed(Array(bytes[start..<end]))
            start = end
        }
        try session.closeCopy()
        #expect(try session.finish()[0].affected == 2000)
    }

    @Test func `that holds a row nobody can store undoes the whole query, and quotes no value`() throws {
        var session = try database.session()
        try session.run("CREATE TABLE t (a int8, b varchar(10), c int8)")
        let error = fault {
            try session.send("INSERT INTO t VALUES (1); \(Self.load)", copies: [CopyRows(0..<20_000).bytes])
            _ = try session.finish()
        }
        #expect(error?.sqlState == "22001")
        #expect(error?.disposition == .halt)
        #expect(error?.place.first { $0.hasPrefix("COPY t, line") } != nil)
        #expect("\(error as Any)".contains("order-") == false)
        #expect(session.isIdle == true)
        #expect(try session.query(.sql("SELECT count(*) FROM t")).rows.integer(0, 0) == 0)
        #expect(fault { try session.run("SELECT 'secret-7'::int") }?.message.contains("secret-7") == false)
    }

    @Test func `that an earlier statement of its query prevents fails with that statement`() throws {
        var session = try database.session()
        let error = fault { try session.send("SELECT 1; SELECT 1/0; \(Self.load)", copies: [CopyRows(0..<1).bytes]) }
        #expect(error?.sqlState == "22012")
        #expect(error?.statement == 1)
        #expect(session.isIdle == true)
    }

    @Test func `out stops where its reader fails, and the session can be used again`() throws {
        struct Enough: Error {}
        var session = try database.session()
        var seen = 0
        #expect(throws: Enough.self) {
            try session.copyOut("COPY (SELECT generate_series(1, 3000000)) TO STDOUT (FORMAT binary)") {
                (row: borrowing CopyRow) throws(Enough) in
                seen += 1
                if seen == 10 { throw Enough() }
            }
        }
        #expect(seen == 10)
        #expect(try session.query(.sql("SELECT 1")).rows.integer(0, 0) == 1)
        let empty = try session.copyOut("COPY (SELECT 1 WHERE false) TO STDOUT (FORMAT binary)") {
            (_: borrowing CopyRow) throws(Enough) in
        }
        #expect(empty == 0)
        let missing = fault {
            try session.copyOut("COPY nowhere TO STDOUT (FORMAT binary)") { (_: borrowing CopyRow) throws(Enough) in }
        }
        #expect(missing?.sqlState == "42P01")
        #expect(session.isIdle == true)
    }

    @Test func `whose backend is terminated is lost and undone, and says that a new session is needed`() throws {
        var session = try database.session()
        try session.run("CREATE TABLE t (a int8, b text, c int8)")
        let pid = session.backendPID
        let error = fault {
            try session.begin(Self.load)
            try session.openCopy()
            try session.feed(CopyRows(0..<10_000).bytes)
            var other = try database.session()
            try other.run("SELECT pg_terminate_backend(\(pid), 5000)")
            try session.feed(CopyRows(10_000..<200_000).bytes)
            try session.closeCopy()
            _ = try session.finish()
        }
        #expect(error?.disposition == .retry)
        #expect(error?.needsNewSession == true)
        #expect(session.isOpen == false)
        #expect(fault { try session.run("SELECT 1") }?.reason == .closed)
        var again = try database.session()
        #expect(try again.query(.sql("SELECT count(*) FROM t")).rows.integer(0, 0) == 0)
    }

    @Test func `in whose middle the server is killed is lost, and the tables are as before`() throws {
        let server = try Spare.server()
        let database = try server.database()
        var session = try database.session()
        try session.run("CREATE TABLE t (a int8, b text, c int8); INSERT INTO t VALUES (-1)")
        let error = fault {
            try session.begin(Self.load)
            try session.openCopy()
            try session.feed(CopyRows(0..<10_000).bytes)
            try server.kill()
            try session.feed(CopyRows(10_000..<200_000).bytes)
            try session.closeCopy()
            _ = try session.finish()
        }
        #expect(error?.disposition == .retry)
        #expect(error?.needsNewSession == true)
        #expect(fault { _ = try database.session() }?.reason == .unreachable)
        try server.start()
        var again = try database.session()
        #expect(try again.query(.sql("SELECT count(*) FROM t")).rows.integer(0, 0) == 1)
    }
}
