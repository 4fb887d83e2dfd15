import Postgres
import TestSupport
import Testing

@Suite struct `A session` {
    private let database: PrivateDatabase

    init() throws { database = try PrivatePostgres.shared().database() }

    @Test func `runs several statements in one round trip, as one transaction`() throws {
        var session = try database.session()
        let results = try session.run(
            "CREATE TABLE t (a int8, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL); SELECT * FROM t ORDER BY a")
        #expect(results.map(\.command) == ["CREATE TABLE", "INSERT 0 2", "SELECT 2"])
        #expect(results.map(\.affected) == [0, 2, 2])
        #expect(results[2].rows.integer(0, 0) == 1)
        #expect(results[2].rows.text(0, results[2].rows.column("b")) == "x")
        #expect(results[2].rows.isNull(1, 1))
        #expect(session.waits == 1)
        #expect(throws: PostgresError.self) { try session.run("INSERT INTO t VALUES (3); SELECT 1/0") }
        #expect(try session.query(.sql("SELECT count(*) FROM t")).rows.integer(0, 0) == 2)
    }

    @Test func `sends parameters and takes rows in binary, empty and null apart`() throws {
        var session = try database.session()
        var parameters = Parameters()
        parameters.append(Int64(-5))
        parameters.append("né")
        parameters.append("")
        parameters.append(String?.none)
        parameters.append(true)
        parameters.append([0, 255] as [UInt8])
        parameters.append(Int32(7))
        let rows = try session.query(.sql("SELECT $1, $2, $3, $4, $5, $6, $7"), parameters).rows
        #expect(rows.integer(0, 0) == -5)
        #expect(rows.text(0, 1) == "né")
        #expect(rows.text(0, 2) == "")
        #expect(rows.text(0, 3) == nil)
        #expect(rows.bool(0, 4) == true)
        #expect(rows.copy(0, 5) == [0, 255])
        #expect(rows.integer(0, 6) == 7)
        parameters.removeAll()
        parameters.append("")
        #expect(try session.query(.sql("SELECT $1 = ''"), parameters).rows.bool(0, 0) == true)
    }

    @Test func `runs a prepared statement by its name`() throws {
        var session = try database.session()
        try session.prepare("double", "SELECT $1 * 2", types: [.int8])
        var parameters = Parameters()
        parameters.append(Int64(21))
        #expect(try session.query(.prepared("double"), parameters).rows.integer(0, 0) == 42)
        #expect(session.waits == 2)
    }
}
