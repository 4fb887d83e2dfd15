import Commands
import Core
import Domain
import TestSupport
import Testing
import Threading

@Suite struct `A release of the stop` {
    private let log = MemoryLog(holes: true)
    private let desk: ControlDesk

    init() async throws {
        try await log.create(TopicCatalog.specs)
        desk = ControlDesk(log, SystemTime(), source: try SourceName("test"), writerName: "test")
    }

    private func release(_ view: ControlView, _ notes: [KillNote] = []) throws -> [ControlDesk.Word] {
        StopRelease.words(view, latch: notes, by: try ActorName("bert"), for: try Prose("looked at it"))
    }

    @Test func `ends the state of delivery, and then there is nothing more to end`() async throws {
        let delivered = try await ControlView.read(log)
        #expect(delivered.state.kill.isEngaged)
        _ = try await desk.say(release(delivered))
        let released = try await ControlView.read(log)
        #expect(!released.state.kill.isEngaged)
        #expect(try release(released).isEmpty)
    }

    /// Who releases names what he ends: a stop that he has not seen stays.
    @Test func `ends the stop that it names and none that came after its look`() async throws {
        let (first, second) = (try LatchGround.note("first"), try LatchGround.note("second"))
        _ = try await desk.say([first.engagement])
        let seen = try await ControlView.read(log)
        #expect(seen.engagements == [first.eventID])
        _ = try await desk.say([second.engagement])
        _ = try await desk.say(release(seen))
        let still = try await ControlView.read(log)
        #expect(still.state.kill.isEngaged && still.state.kill.engagedBy == second.eventID)
        _ = try await desk.say(release(still))
        #expect(try await !ControlView.read(log).state.kill.isEngaged)
    }

    /// Two data folders on one log: the one is stopped while the other is resumed, whose own latch was not recorded.
    @Test func `leaves a stop that came after its look, also when its own stop is recorded behind that`() async throws {
        let (mine, theirs) = (try LatchGround.note("mine"), try LatchGround.note("theirs"))
        let words = try release(try await ControlView.read(log), [mine])
        _ = try await desk.say([theirs.engagement])
        _ = try await desk.say(words)
        let view = try await ControlView.read(log)
        #expect(view.engagements == [theirs.eventID, mine.eventID])
        #expect(view.state.kill.isEngaged && view.state.kill.engagedBy == theirs.eventID)
        // Whoever saw both ends both.
        _ = try await desk.say(release(view, [theirs]))
        #expect(try await !ControlView.read(log).state.kill.isEngaged)
    }

    @Test func `records first what only the latch knew, under the id that the latch has for it`() async throws {
        let notes = [try LatchGround.note("one"), try LatchGround.note("two")]
        _ = try await desk.say([notes[0].engagement])
        let words = try release(try await ControlView.read(log), notes)
        #expect(words.map(\.content.kind) == [.killSwitchEngaged, .killSwitchReleased, .killSwitchReleased])
        #expect(words[0].eventID == notes[1].eventID)
        _ = try await desk.say(words)
        let view = try await ControlView.read(log)
        #expect(!view.state.kill.isEngaged && view.engagements == notes.map(\.eventID))
    }

    @Test func `is written by whoever is left when several write at once`() async throws {
        let desk = desk
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask { _ = try await desk.say([LatchGround.note("reason \(number)").engagement]) }
            }
            try await group.waitForAll()
        }
        #expect(try await ControlView.read(log).engagements.count == 4)
    }
}
