import Foundation
import TestSupport
import Testing

/// `torghut up` in the ground of a program, and what its card says of everything that runs.
final class RunningUp {
    struct Card: Decodable {
        let api: String
        let console: String
        let token: String
        let database: String
        let simulator: String
        let runner: String
        let processes: [String: Int32]
    }

    let process: Process
    private let program: Program
    private let said: String
    private(set) var card: Card

    static func folder(_ program: Program) -> String { program.ground.folder + "/.torghut" }

    /// Returns when everything runs, the trader too where there is one.
    init(_ program: Program, _ arguments: String...) async throws {
        self.program = program
        said = program.ground.folder + "/up-" + UUID().uuidString
        try Data().write(to: URL(fileURLWithPath: said))
        process = program.process(["up", "--port", "0"] + arguments)
        process.standardInput = FileHandle.nullDevice
        // One place in the file for both.
        let lines = FileHandle(forWritingAtPath: said)
        process.standardOutput = lines
        process.standardError = lines
        card = Card(api: "", console: "", token: "", database: "", simulator: "", runner: "", processes: [:])
        try process.run()
        let wanted = arguments.contains("--no-trader") ? "runner" : "trader"
        try await eventually("a running system") {
            guard process.isRunning else { throw Ended(said: try text()) }
            return try look() && card.processes["up"] == process.processIdentifier && card.processes[wanted] != nil
                && text().contains("console: ")
        }
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    struct Ended: Error { let said: String }

    /// Reads the card; it is told anew when a program was started again.
    @discardableResult
    func look() throws -> Bool {
        let path = Self.folder(program) + "/up.json"
        guard let data = FileManager.default.contents(atPath: path) else { return false }
        card = try JSONDecoder().decode(Card.self, from: data)
        return true
    }

    func text() throws -> String { try String(contentsOfFile: said, encoding: .utf8) }
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    var client: RunningAPI.Client { RunningAPI.Client(address: card.api) }
    private var auth: String { "Authorization: Bearer \(card.token)" }

    func get(_ path: String) async throws -> RunningAPI.Answer { try await client.curl(path, as: auth) }

    func post(_ path: String, _ body: String) async throws -> RunningAPI.Answer {
        try await client.post(path, body, as: auth)
    }

    /// A number from the read models; -1 while they are not there.
    func number(_ sql: String) async throws -> Int {
        let asked = try await program.run([card.database, "-AtXc", sql], executable: "/usr/bin/psql")
        return Int(asked.text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }

    /// The rows of one column.
    func rows(_ sql: String) async throws -> [String] {
        let asked = try await program.run([card.database, "-AtXc", sql], executable: "/usr/bin/psql")
        #expect(asked.status == 0, "\(asked.err)")
        return asked.lines
    }

    func isSafe() async throws -> Bool { try await safety().isEmpty }

    /// Why trading should not go on; nothing when it may.
    func safety() async throws -> [String] {
        let answer = try await get("/trading/safety")
        let body = Data(answer.body.prefix { _ in true }.utf8)
        guard answer.status == 200, let said = try JSONSerialization.jsonObject(with: body) as? [String: Any],
            let reasons = said["reasons"] as? [[String: Any]]
        else { return ["\(answer.status): \(answer.body)"] }
        let words = reasons.map {
            "\($0["what"] ?? "") \($0["name"] ?? "") is \($0["state"] ?? ""): \($0["reason"] ?? "")"
        }
        #expect((said["safe"] as? Bool) == words.isEmpty)
        return words
    }

    /// What the broker really has, by its own books: how often each client order id.
    func books() async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        var from = 0
        while true {
            let page = try await client(card.simulator, "/_sim/books?from=\(from)&limit=1000")
            for order in page["orders"] as? [[String: Any]] ?? [] {
                counts[order["client_order_id"] as? String ?? "", default: 0] += 1
            }
            guard let next = page["next"] as? Int else { return counts }
            from = next
        }
    }

    private func client(_ address: String, _ path: String) async throws -> [String: Any] {
        let answer = try await RunningAPI.Client(address: address).curl(path, as: nil)
        return try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any] ?? [:]
    }

    /// The same as the power does, to everything that the card names, at one moment.
    func killEverything() async throws {
        try look()
        for pid in card.processes.values { kill(pid, SIGKILL) }
        _ = try await process.finish()
    }

    static func isAlive(_ pid: Int32) -> Bool {
        guard let state = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return !state.contains(") Z ")
    }

    /// Nothing that the card named is left.
    func leftovers() -> [String] { card.processes.filter { Self.isAlive($0.value) }.map(\.key).sorted() }

    /// Values of one topic, each as its fields.
    static func events(_ program: Program, _ topic: String) async throws -> [[String: any Sendable]] {
        let read = try await program.run(["log", "read", "--topic", topic, "--values"])
        return try read.lines.map { try fields($0) }
    }
}
