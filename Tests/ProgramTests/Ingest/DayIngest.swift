import Foundation
import Synchronization

/// The program that takes a day in: killed and started again, and all that it ever said.
final class DayIngest: Sendable {
    private let program: Program
    private let runs = Mutex<[Projector]>([])

    init(_ program: Program) throws {
        self.program = program
        try start()
    }

    private func start() throws {
        let run = try Projector(program, ["run", "--roles", "ingest"])
        runs.withLock { $0.append(run) }
    }

    private var current: Projector? { runs.withLock(\.last) }

    func kill() async throws {
        current?.signal(SIGKILL)
        _ = try await current?.process.finish()
        try start()
    }

    func stop() async throws -> Int32? { try await current?.stop() }

    /// What the process that runs now has said.
    func lines() throws -> [Substring] { try current?.text().split(separator: "\n") ?? [] }

    /// How often any of them said this.
    func count(_ word: String) throws -> Int {
        try runs.withLock { $0 }.reduce(0) { count, run in
            count + (try run.text().split(separator: "\n").count { $0.contains(word) })
        }
    }
}
