import Foundation
import TestSupport
import Testing

/// `torghut run` with some roles, its port, and what it says.
final class RunningRoles {
    let process: Process
    private(set) var port = 0
    private let said: String

    init(_ program: Program, _ roles: String, _ arguments: String...) async throws {
        said = program.ground.folder + "/said-" + UUID().uuidString
        try Data().write(to: URL(fileURLWithPath: said))
        process = program.process(["run", "--roles", roles] + arguments)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: said)
        try process.run()
        try await eventually("a running process") { try findPort(program) }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    private func findPort(_ program: Program) throws -> Bool {
        let card = "\(program.ground.folder)/.torghut/run/\(process.processIdentifier).json"
        guard process.isRunning else { throw Ended(said: try text()) }
        guard FileManager.default.fileExists(atPath: card) else { return false }
        port = try fields(try String(contentsOfFile: card, encoding: .utf8))["port"] as? Int ?? 0
        return port != 0
    }

    struct Ended: Error { let said: String }

    var address: String { "http://127.0.0.1:\(port)" }
    func text() throws -> String { try String(contentsOfFile: said, encoding: .utf8) }
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func stop() async throws -> Int32 {
        signal(SIGTERM)
        let status = try await process.finish()
        // Whatever a test is about: what a role touches is what it declares, and what its user on Kafka is allowed.
        let undeclared = try text().split(separator: "\n").filter { $0.contains("log_access_undeclared") }
        #expect(undeclared.isEmpty, "RoleAccess.swift: \(undeclared)")
        return status
    }
}
