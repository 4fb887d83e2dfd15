import Foundation
import HTTPClient
import TestSupport
import Testing

/// ClickHouse's engine behind its HTTP interface and a recorded Flink, in another process that ends with its owner.
final class Neighbours: Sendable {
    static let user = "reader"
    static let password = "not-for-any-eye"

    private let process: Process
    private let input = Pipe()
    let address: String

    init() async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../deploy/downstream-check/neighbours.sh").standardizedFileURL.path
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.process = process
        let line = try await aside { () -> Data in
            var line = Data()
            while line.last != 10 {
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { break }
                line += more
            }
            return line
        }
        let port = try #require(Int(String(decoding: line, as: UTF8.self).dropLast()), "the neighbours do not start")
        address = "http://127.0.0.1:\(port)"
    }

    deinit {
        do { try input.fileHandleForWriting.close() } catch { process.terminate() }
        process.waitUntilExit()
    }

    @discardableResult
    private func post(_ path: String, _ body: String) async throws -> String {
        let limits = HTTPLimits(totalTimeout: .seconds(40), maximumResponseBytes: 1 << 20)
        let pool = HTTPPool(lanes: 1, limits: limits)
        let response = try await pool.exchange(HTTPRequest(.post, address + path, body: Array(body.utf8))).result.get()
        let text = String(decoding: response.body, as: UTF8.self)
        try #require(response.status == 200, "\(path): \(text)")
        return text
    }

    /// A statement for the engine.
    func run(_ statement: String) async throws { try await post("/_run", statement) }

    /// What the recorded Flink says otherwise from now on.
    func flink(_ change: String) async throws { try await post("/_flink", change) }

    /// Puts all that a program's log has into the tables.
    func take(_ tables: [(topic: String, table: String)], from program: Program) async throws {
        for (topic, table) in tables {
            let lines = try await program.run("log", "read", "--topic", topic)
            try #require(lines.status == 0, "\(lines.err)")
            if !lines.lines.isEmpty { try await post("/_take?table=\(table)", lines.text) }
        }
    }
}
