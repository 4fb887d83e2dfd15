import TestSupport
import Testing

@testable import Postgres

@Suite struct `The address of a database` {
    private func options(_ address: String) throws -> ConnectionOptions {
        try ConnectionOptions(PostgresSettings(address))
    }

    @Test(
        arguments: [
            ("postgresql://u:p@db.example.com/x", "verify-full"), ("host=10.1.2.3 dbname=x", "verify-full"),
            ("postgresql://u@127.0.0.1,db.example.com/x", "verify-full"), ("host=127.0.0.1.evil.org", "verify-full"),
            ("service=prod", "verify-full"), ("host=localhost hostaddr=10.0.0.1", "verify-full"),
            ("postgresql://u@127.0.0.1/x", nil), ("host=127.8.9.1", nil), ("host=::1", nil), ("host=localhost", nil),
            ("host=/run/postgresql", nil), ("postgresql:///x", nil), ("host=db.example.com sslmode=disable", "disable"),
            ("host=db.example.com sslmode=verify-ca", "verify-ca"),
        ] as [(String, String?)])
    func `is verified in full unless it stays on this machine`(address: String, mode: String?) throws {
        #expect(try options(address).value("sslmode") == mode)
    }

    @Test(arguments: ["allow", "prefer", "require"])
    func `is refused when it encrypts without checking`(mode: String) throws {
        let error = fault { _ = try options("host=db.example.com sslmode=\(mode)") }
        #expect(error?.reason == .setting)
        #expect(error?.message.contains("sslmode=\(mode)") == true)
    }

    @Test func `says what to do where this libpq cannot use the system's authorities`() {
        let error = fault { _ = try options("host=db.example.com sslrootcert=system") }
        #expect(error?.message.contains("/etc/ssl/certs/ca-certificates.crt") == true)
    }

    @Test(arguments: [
        "postgresql://u:hunter2@host:notaport/x?wrong=1", "hunter2", "password=hunter2 nonsense=hunter2",
        "postgresql://u:hun?ter2@host/x", "password='hunter2",
    ])
    func `that cannot be read is not quoted, nor ever its password`(address: String) throws {
        let settings = PostgresSettings(address)
        let error = fault { _ = try Session(settings) }
        #expect(error != nil)
        for text in ["\(error as Any)", "\(settings)", String(reflecting: settings)] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("ter2"))
        }
    }

    @Test func `comes from TORGHUT_DB_DSN, or from DB_DSN with a driver of Python's`() throws {
        let both = ["TORGHUT_DB_DSN": "host=a dbname=one", "DB_DSN": "host=b"]
        #expect(try PostgresSettings(environment: both).target() == "a:5432/one")
        let alias = ["DB_DSN": "postgresql+psycopg://torghut:torghut@localhost:15438/torghut"]
        #expect(try PostgresSettings(environment: alias).target() == "localhost:15438/torghut as torghut")
        #expect(fault { _ = try PostgresSettings(environment: [:]) }?.message.contains("TORGHUT_DB_DSN") == true)
    }

    @Test func `carries the limits to the server, and what it says itself goes before them`() throws {
        let options = try options("host=/x options='-c lock_timeout=7'").value("options")
        #expect(options?.contains("-c statement_timeout=60000") == true)
        #expect(options?.hasSuffix("-c lock_timeout=7") == true)
        #expect(options?.contains("plan_cache_mode") == false)
    }

    @Test func `a session that plans once plans a prepared statement without its values`() throws {
        let database = try PrivatePostgres.shared().database()
        var settings = database.settings
        settings.plansOnce = true
        var session = try Session(settings)
        try session.run("PREPARE q(int) AS SELECT $1 + 1; EXECUTE q(1)")
        let plans = try session.run("SELECT generic_plans::bigint, custom_plans::bigint FROM pg_prepared_statements")[0]
        #expect(plans.rows.integer(0, 0) == 1 && plans.rows.integer(0, 1) == 0)
    }
}
