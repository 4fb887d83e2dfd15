import Postgres
import TestSupport
import Testing

@Suite struct `An error of Postgres` {
    @Test(
        arguments: [
            ("08006", .retry), ("40001", .retry), ("40P01", .retry), ("53100", .retry), ("53300", .retry),
            ("57014", .retry), ("57P01", .retry), ("57P03", .retry), ("25006", .retry), ("55P03", .retry),
            ("TG001", .fenced), ("22001", .halt), ("23505", .halt), ("42P01", .halt), ("28P01", .halt),
            ("3D000", .halt),
            ("XX001", .halt), ("25P02", .halt),
        ] as [(String, PostgresError.Disposition)])
    func `says by its state what may be done`(state: String, disposition: PostgresError.Disposition) {
        #expect(PostgresError(.run, .server, sqlState: state, "no").disposition == disposition)
    }

    @Test func `of a lost connection may be retried, of a wrong setting or certificate not`() {
        #expect(PostgresError(.run, .lost, "gone").disposition == .retry)
        #expect(PostgresError(.connect, .unreachable, "gone").disposition == .retry)
        #expect(PostgresError(.connect, .untrustedChain, "no").disposition == .halt)
        #expect(PostgresError(.configure, .setting, "no").disposition == .halt)
    }

    @Test func `raised by an assertion of ours is fenced`() throws {
        let database = try PrivatePostgres.shared().database()
        var session = try database.session()
        let error = fault {
            try session.run("DO $$ BEGIN RAISE EXCEPTION 'epoch 7 has taken over' USING ERRCODE = 'TG001'; END $$")
        }
        #expect(error?.disposition == .fenced)
        #expect(error?.needsNewSession == false)
        #expect(error?.description.contains("another owner has taken over") == true)
        #expect(session.isIdle == true)
    }
}
