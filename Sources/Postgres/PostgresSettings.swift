public import Core

/// How to reach a database, and the limits of every session with it.
///
/// What the address itself says (`connect_timeout`, `application_name`, `options`, `sslmode`) goes before these.
public struct PostgresSettings: Sendable {
    /// A URI (`postgresql://user:password@host:5432/name?sslrootcert=…`) or libpq's `key=value` list.
    public var address: Secret<String>
    public var applicationName = "torghut"
    /// Until a session is open, all hosts of the address together.
    public var connectTimeout: Duration = .seconds(10)
    /// The server gives up a statement after this; zero is never.
    public var statementTimeout: Duration = .seconds(60)
    /// The server gives up waiting for one lock after this; zero is never.
    public var lockTimeout: Duration = .seconds(10)
    /// The server ends a session that holds a transaction open and says nothing; zero is never.
    public var idleInTransactionTimeout: Duration = .seconds(60)
    /// We give up the session when a server, or the way to it, is silent for so long; above `statementTimeout`.
    public var answerTimeout: Duration = .seconds(90)
    /// The kernel gives up the connection when sent bytes are not acknowledged.
    public var unacknowledgedTimeout: Duration = .seconds(20)
    /// The server plans a prepared statement once, for whatever values, and never compiles one.
    ///
    /// For readers who ask the same few statements thousands of times a second: planning a page of orders takes longer
    /// than finding its rows.
    public var plansOnce = false
    /// Most bytes of one statement's parameters, or of one pipeline's: they wait in memory until they are sent.
    public var maximumParameterBytes = 256 << 20

    public init(_ address: String) { self.address = Secret(address) }

    /// The variables that name the database, the first one found counts.
    public static let variables = ["TORGHUT_DB_DSN", "DB_DSN"]

    public init(environment: [String: String]) throws(PostgresError) {
        let found = Self.variables.lazy.compactMap { name in environment[name].map { (name, $0) } }.first
        guard let (name, address) = found else {
            throw PostgresError(
                .configure, .setting, "TORGHUT_DB_DSN is not set; give it postgresql://user:password@host:5432/name")
        }
        guard !address.isEmpty else { throw PostgresError(.configure, .setting, "\(name) is empty") }
        self.init(address)
        _ = try ConnectionOptions(self)
    }

    /// Host, port, database and user, for logs; never a secret.
    public func target() throws(PostgresError) -> String { try ConnectionOptions(self).target }
}

extension PostgresSettings: CustomStringConvertible {
    public var description: String {
        do throws(PostgresError) { return "postgres:\(try target())" } catch { return "postgres: \(error.message)" }
    }
}
