import Core
import Postgres
import TestSupport
import Testing

@testable import Projections

extension Child {
    /// A projector in a process of its own.
    convenience init(projector words: [String: String]) throws { try self.init("projector-child", words) }
}

extension Rig {
    /// Runs a projector while the body does something to it; throws what ended the projector early.
    @discardableResult
    func whileRunning<Answer: Sendable>(
        _ probe: WriteProbe = WriteProbe(), owner: String = "test", partitions: [Int32] = Array(0..<12),
        _ body: (Watcher) async throws -> Answer
    ) async throws -> Answer {
        let watcher = Watcher()
        let projector = projector(watcher, probe, owner: owner)
        let standing = try await projector.prepare(projections).served
        let running = Task { try await projector.run(standing, partitions: partitions) }
        do {
            let answer = try await body(watcher)
            running.cancel()
            try await running.value
            return answer
        } catch let error as NeverCame {
            running.cancel()
            let end = await running.result
            throw NeverCame("\(error); notes \(watcher.notes.map(\.text)); ended as \(end)")
        } catch {
            running.cancel()
            _ = await running.result
            throw error
        }
    }

    /// Waits until the tables stand where the log ends now, whoever folds.
    func untilFolded(within limit: Duration = .seconds(30), except halted: Set<Int32> = []) async throws {
        let ends = try await ends()
        try await eventually("folded to the end", within: limit) {
            do {
                let vectors = try servingVectors()
                return vectors.filter { !halted.contains($0.key.partition) }.allSatisfy { unit, vector in
                    sources(of: unit).allSatisfy { (vector[$0]?.next ?? 0) >= ends[$0] ?? 0 }
                } && !vectors.isEmpty
            } catch is PostgresError { return false }
        }
    }

    private func servingVectors() throws -> [UnitName: FoldedVector] {
        let open = try OpenSession(database.settings)
        let serving = try open.versions().filter { $0.state == .serving }
        return try open.checkpoints().mapValues(\.vector).filter { unit, _ in
            serving.contains { $0.projection == unit.projection && $0.version == unit.version }
        }
    }

    func sources(of unit: UnitName) -> [TopicPartition] {
        projections.first { $0.name.text == unit.projection }?.sources(of: unit.partition) ?? []
    }

    /// Appends all at once or in pieces, so that batches come in different sizes.
    func append(_ events: inout MixEvents, orders: Int, count: Int) async throws {
        try await append(try events.next(orders: orders, count: count))
    }
}

extension Watcher {
    /// Waits for a note that holds this text.
    func hears(_ text: String) async throws {
        try await eventually("a note of '\(text)'; there are \(notes.map(\.text))") {
            notes.contains { $0.text.contains(text) }
        }
    }
}
