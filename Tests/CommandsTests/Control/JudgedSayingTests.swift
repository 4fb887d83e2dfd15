import Commands
import Core
import Domain
import TestSupport
import Testing
import Threading

@Suite struct `A word that follows from what is in force` {
    private let log = MemoryLog(holes: true)
    private let desk: ControlDesk

    init() async throws {
        try await log.create(TopicCatalog.specs)
        desk = ControlDesk(log, SystemTime(), source: try SourceName("test"), writerName: "test")
    }

    private static func off() throws -> Control {
        let order = ControlOrder(scope: .lane(.execution), actor: try ActorName("bert"), reason: try Prose("a test"))
        return .laneDisabled(LaneDisabled(order: order, lane: .execution))
    }

    private static func unlessOff(_ log: any EventLog) async throws -> Control? {
        try await ControlView.read(log).state.mode(of: .execution) == .off ? nil : try off()
    }

    private func said() async throws -> Int64 {
        try await log.bounds(of: [ControlView.source])[ControlView.source].map { $0.end - $0.begin } ?? -1
    }

    @Test func `is not said when another one says it between the look and the word`() async throws {
        var looks = 0
        let place = try await desk.say { log in
            looks += 1
            let word = try await Self.unlessOff(log)
            if looks == 1 { #expect(try await desk.say { try await Self.unlessOff($0) } != nil) }
            return word
        }
        #expect(place == nil && looks == 2)
    }

    @Test func `is said once by many at once`() async throws {
        let places = try await withThrowingTaskGroup(of: RecordPosition?.self) { group in
            for _ in 0..<4 { group.addTask { [desk] in try await desk.say { try await Self.unlessOff($0) } } }
            return try await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
        }
        #expect(places.count == 1)
    }

    @Test func `is not said behind the back of one who has left, and a stop is`() async throws {
        let first = try await afterLeaving { [desk] in try await desk.say { _ in try Self.off() } }
        let second = try await afterLeaving { [desk] in try await desk.say([ControlDesk.Word(Self.off())]).first }
        #expect(first == nil && second == nil)
        #expect(try await said() == 0)
        let note = try LatchGround.note("late")
        let stop = try await afterLeaving { [desk] in try await desk.say([note.engagement]).first }
        #expect(stop != nil)
        #expect(try await ControlView.read(log).engagements == [note.eventID])
    }

    /// What comes of it once nobody waits for it any more; `nil` when it was given up.
    private func afterLeaving(
        _ body: @escaping @Sendable () async throws -> RecordPosition?
    ) async throws -> RecordPosition? {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await body()
        }
        task.cancel()
        do { return try await task.value } catch let error as LogError {
            guard case .timedOut = error.reason else { throw error }
            return nil
        }
    }
}
