import Commands
import Core
import Domain
import Synchronization
import TestSupport
import Testing
import Threading

@testable import Runtime

@Suite struct `Enabling a strategy` {
    /// Says whether anything was read before the writer was open.
    private struct Ordered: ForwardingLog {
        let log: any EventLog
        let steps: Steps

        final class Steps: Sendable {
            private let seen = Mutex<[String]>([])
            var all: [String] { seen.withLock { $0 } }
            func add(_ step: String) { seen.withLock { $0.append(step) } }
        }

        func writer(named name: String) async throws(LogError) -> any EventWriter {
            steps.add("writer")
            return try await log.writer(named: name)
        }

        func reader(
            from starts: [TopicPartition: ReadStart], _ options: ReadOptions
        ) async throws(LogError) -> any EventReader {
            steps.add("reader")
            return try await log.reader(from: starts, options)
        }
    }

    /// Who opens the writer later is the one whose word counts, and he has read what the other said.
    @Test func `opens its writer before it looks at what stands against it`() async throws {
        let (memory, steps) = (MemoryLog(), Ordered.Steps())
        try await memory.create(TopicCatalog.specs)
        let log = Ordered(log: memory, steps: steps)
        let desk = ControlDesk(log, SystemTime(), source: SourceName(trusted: "test"), writerName: "test")
        let origin = OperatorOrigin(
            actor: ActorName(trusted: "anna"), reason: prose("a test"), source: SourceName(trusted: "test"))
        let place = try await StrategyDesk.enable(
            StrategyID(trusted: "s1"), definition: nil, hash: nil, parity: nil, origin, through: desk)
        #expect(place != nil && steps.all.first == "writer" && steps.all.contains("reader"), "\(steps.all)")
        #expect(try await ControlView.read(memory).state.strategies[StrategyID(trusted: "s1")]?.isEnabled == true)
    }
}
