internal import Foundation
public import Postgres
internal import Synchronization

/// A real PostgreSQL of this test process, by the script that `make up` uses too: socket and loopback, fsync on.
///
/// It ends with its owner and its folder goes with it, also when the process is killed: the script that runs it waits
/// at a pipe whose other end is here.
public final class PrivatePostgres: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        public init(description: String) { self.description = description }
    }

    public enum StopMode: String, Sendable { case fast, immediate }

    private struct State {
        var socket = ""
        var tcp = ""
        var databases = 0
    }

    private static let one = Result { try PrivatePostgres() }

    /// The one server of this process: making one takes over a second.
    public static func shared() throws -> PrivatePostgres { try one.get() }

    /// The server's folder: the cluster is in `data`, what it says in `log`.
    public let folder: String
    private let keeper: Pipe
    private let state = Mutex(State())

    /// A server of one's own, for tests that change its configuration.
    public init() throws {
        guard let made = TemporaryFolder.make("/tmp/torghut-postgres") else {
            throw Failure(description: "cannot make a folder in /tmp")
        }
        folder = made
        keeper = try Self.run(folder)
        try readAddresses()
    }

    private static var script: String {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../deploy/postgres/private-postgres.sh").standardizedFileURL.path()
    }

    /// Returns when the server answers.
    private static func run(_ folder: String) throws -> Pipe {
        let (process, input, output, errors) = (Process(), Pipe(), Pipe(), Pipe())
        // No other child may hold the server alive.
        for end in [input.fileHandleForWriting, output.fileHandleForReading, errors.fileHandleForReading] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["bash", script, "run", folder, "remove"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = output.fileHandleForReading.availableData
        guard String(decoding: said, as: UTF8.self) == "ready\n" else {
            try input.fileHandleForWriting.close()
            let fault = try errors.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            throw Failure(description: String(decoding: fault, as: UTF8.self))
        }
        return input
    }

    @discardableResult
    private func script(_ command: String, _ arguments: String...) throws -> String {
        let verdict = try Judge.run("bash", [Self.script, command, folder] + arguments)
        guard verdict.status == 0 else { throw Failure(description: verdict.errors) }
        return verdict.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func readAddresses() throws {
        let (socket, tcp) = (try script("dsn"), try script("dsn", "tcp"))
        state.withLock { ($0.socket, $0.tcp) = (socket, tcp) }
    }
}

/// Faults on demand. The port stays the same unless somebody else took it meanwhile.
extension PrivatePostgres {
    public func stop(_ mode: StopMode = .fast) throws { try script("stop", mode.rawValue) }

    public func start() throws {
        try script("start")
        try readAddresses()
    }

    public func restart(_ mode: StopMode = .fast) throws {
        try stop(mode)
        try start()
    }

    /// `kill -9` of the postmaster; when this returns, no process of the server is left.
    public func kill() throws { try script("kill") }

    /// The server speaks TLS after the next start.
    public func install(certificate: String, key: String) throws { try script("tls", certificate, key) }

    /// Adds lines of `postgresql.conf` that count from now on (those that need no restart).
    public func set(_ name: String, to value: String) throws {
        var session = try Session(settings(database: "postgres"))
        try session.run("ALTER SYSTEM SET \(name) = '\(value)'")
        try session.run("SELECT pg_reload_conf()")
    }
}

/// Addresses and databases.
extension PrivatePostgres {
    /// By the socket, where nothing is asked.
    public func address(database: String) -> String {
        state.withLock(\.socket).replacing("dbname=torghut", with: "dbname=\(database)")
    }

    /// By TCP on the loopback, with the password.
    public func tcpAddress(database: String) -> String {
        let address = state.withLock(\.tcp)
        return address.prefix { $0 != "?" }.split(separator: "/").dropLast().joined(separator: "/")
            .replacing("postgresql:/", with: "postgresql://") + "/\(database)"
    }

    public func settings(database: String) -> PostgresSettings { PostgresSettings(address(database: database)) }

    /// A fresh database of its own for one test, a copy of `template`; dropped with the object.
    public func database(template: String = "template0") throws -> PrivateDatabase {
        let number = state.withLock { state in
            state.databases += 1
            return state.databases
        }
        let name = "test_\(number)"
        var session = try Session(settings(database: "postgres"))
        try session.run("CREATE DATABASE \(name) TEMPLATE \(template)")
        return PrivateDatabase(server: self, name: name)
    }
}

/// One database of a test's own.
public final class PrivateDatabase: Sendable {
    public let server: PrivatePostgres
    public let name: String

    fileprivate init(server: PrivatePostgres, name: String) {
        self.server = server
        self.name = name
    }

    public var settings: PostgresSettings { server.settings(database: name) }
    public var address: String { server.address(database: name) }

    public func session() throws(PostgresError) -> Session { try Session(settings) }

    deinit {
        do throws(PostgresError) {
            var session = try Session(server.settings(database: "postgres"))
            try session.run("DROP DATABASE \(name) WITH (FORCE)")
        } catch {
            // A test may leave the server stopped; the folder goes with it in any case.
            print("left behind: \(name): \(error)")
        }
    }
}
