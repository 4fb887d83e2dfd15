import Digest
import Foundation
import Postgres

/// A private PostgreSQL with its defaults, fsync on: the same script that tests and `make up` use.
final class BenchPostgres {
    private let keeper = Pipe()
    private let process = Process()
    let folder: String
    private var databases = 0

    init() throws {
        folder = "/tmp/torghut-bench-\(ProcessInfo.processInfo.processIdentifier)"
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["bash", "deploy/postgres/private-postgres.sh", "run", folder, "remove"]
        process.standardInput = keeper
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        precondition(said.contains("ready"), "the private Postgres did not start: \(said)")
    }

    /// A fresh database with the projections' own tables.
    func database() throws -> PostgresSettings {
        databases += 1
        let name = "bench\(databases)"
        let address = try dsn()
        var session = try Session(PostgresSettings(address))
        try session.run("CREATE DATABASE \(name)")
        let settings = PostgresSettings(address.replacingOccurrences(of: "dbname=torghut", with: "dbname=\(name)"))
        var fresh = try Session(settings)
        try fresh.migrate(try Migration.read(from: "schemas/sql") { String(XXH3.hash($0)) })
        return settings
    }

    private func dsn() throws -> String {
        let asking = Process()
        let output = Pipe()
        asking.executableURL = URL(filePath: "/usr/bin/env")
        asking.arguments = ["bash", "deploy/postgres/private-postgres.sh", "dsn", folder]
        asking.standardOutput = output
        try asking.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        asking.waitUntilExit()
        return String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func stop() {
        keeper.fileHandleForWriting.closeFile()
        process.waitUntilExit()
    }
}
