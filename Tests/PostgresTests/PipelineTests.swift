import Postgres
import TestSupport
import Testing

@Suite struct `A pipeline` {
    private let database: PrivateDatabase

    init() throws { database = try PrivatePostgres.shared().database() }

    private func insert(_ numbers: Int64...) -> PipelineStep {
        var parameters = Parameters()
        parameters.append("{\(numbers.map(String.init).joined(separator: ","))}")
        return PipelineStep(.sql("INSERT INTO t SELECT * FROM unnest($1::text::int8[])"), parameters)
    }

    @Test func `is one round trip and one transaction, each statement with its result`() throws {
        var session = try database.session()
        try session.run("CREATE TABLE t (a int8 PRIMARY KEY)")
        let before = session.waits
        let results = try session.pipeline([insert(1, 2), insert(), insert(3), PipelineStep(.sql("TABLE t"))])
        #expect(session.waits == before + 1)
        #expect(results.map(\.affected) == [2, 0, 1, 3])
        #expect(results[3].rows.integer(2, 0) == 3)
        #expect(try session.pipeline([]).isEmpty)
        #expect(try session.query(.sql("SELECT 1")).rows.integer(0, 0) == 1)
    }

    @Test func `that fails in the middle names the statement, undoes all and leaves the session usable`() throws {
        var session = try database.session()
        try session.run("CREATE TABLE t (a int8 PRIMARY KEY)")
        let steps = [insert(1), insert(2, 2), insert(3)]
        for explicit in [false, true] {
            let (begin, commit) = (PipelineStep(.sql("BEGIN")), PipelineStep(.sql("COMMIT")))
            let error = fault { _ = try session.pipeline(explicit ? [begin] + steps + [commit] : steps) }
            #expect(error?.sqlState == "23505")
            #expect(error?.statement == (explicit ? 2 : 1))
            #expect(error?.disposition == .halt)
            #expect(error?.place.contains("constraint t_pkey") == true)
            #expect("\(error as Any)".contains("(2)") == false)
            #expect(session.isIdle == true)
            #expect(try session.query(.sql("SELECT count(*) FROM t")).rows.integer(0, 0) == 0)
        }
    }

    @Test func `that fails at its commit is undone, and says so`() throws {
        var session = try database.session()
        try session.run("CREATE TABLE t (a int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        #expect(fault { _ = try session.pipeline([insert(1), insert(1)]) }?.sqlState == "23505")
        #expect(session.isIdle == true)
        #expect(try session.query(.sql("SELECT count(*) FROM t")).rows.integer(0, 0) == 0)
    }

    @Test func `larger than any buffer, both ways at once, does not stand still`() throws {
        var session = try database.session()
        let text = String(repeating: "x", count: 4 << 20)
        var parameters = Parameters()
        parameters.append(text)
        let steps = (0..<8).map { _ in PipelineStep(.sql("SELECT $1"), parameters) }
        try session.sendPipeline(steps)
        let results = try session.finishPipeline()
        #expect(results.count == 8)
        #expect(results.allSatisfy { $0.rows.text(0, 0)?.utf8.count == 4 << 20 })
    }

    @Test func `refuses more parameters than its limit`() throws {
        var settings = database.settings
        settings.maximumParameterBytes = 100
        var session = try Session(settings)
        var parameters = Parameters()
        parameters.append([UInt8](repeating: 0, count: 51))
        let error = fault {
            _ = try session.pipeline([
                PipelineStep(.sql("SELECT $1"), parameters), .init(.sql("SELECT $1"), parameters),
            ])
        }
        #expect(error?.reason == .limitExceeded(name: "maximumParameterBytes", allowed: 100, actual: 102))
        #expect(try session.query(.sql("SELECT $1"), parameters).rows.copy(0, 0)?.count == 51)
    }
}
