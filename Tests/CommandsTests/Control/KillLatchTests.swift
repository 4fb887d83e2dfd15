import Core
import Domain
import Glibc
import TestSupport
import Testing

@testable import Commands

/// A data folder with a latch, and notes to engage it with.
struct LatchGround {
    let folder = TemporaryFolder()
    var latch: KillLatch { KillLatch(dataFolder: folder.path) }

    static func note(_ reason: String, at nanoseconds: Int64 = 1_800_000_000_000_000_000) throws -> KillNote {
        KillNote(
            by: try ActorName("anna"), for: try Prose(reason), at: Timestamp(nanoseconds: nanoseconds),
            process: "test/\(reason)")
    }

    func put(_ text: String) {
        let file = unsafe open(latch.path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        let bytes = Array(text.utf8)
        _ = unsafe write(file, bytes, bytes.count)
        close(file)
    }
}

@Suite struct `The latch` {
    let ground = LatchGround()
    var latch: KillLatch { ground.latch }

    /// P8: it needs a disk and nothing else, and says who, why and when.
    @Test func `stops from the moment it is engaged until somebody who saw it releases it`() throws {
        #expect(!latch.isEngaged && latch.reading(environment: false)() == .none)
        #expect(try latch.look() == nil)
        let note = try LatchGround.note("prices look wrong")
        #expect(try latch.engage(note) == .init(isSigned: true, isDurable: true))
        #expect(latch.isEngaged && latch.reading(environment: false)() == LocalStop(latchFile: true))
        let seen = try #require(try latch.look())
        #expect(seen.notes == [note])
        #expect(try latch.release(seen))
        #expect(!latch.isEngaged)
        #expect(try !latch.release(seen))
    }

    @Test func `keeps the notes of everybody who engaged it`() throws {
        let notes = try (0..<5).map { try LatchGround.note("reason \($0)\n\"quoted\" é", at: Int64($0)) }
        for note in notes { _ = try latch.engage(note) }
        #expect(try latch.look()?.notes == notes)
    }

    @Test func `is not released by somebody who saw less than there is`() throws {
        _ = try latch.engage(LatchGround.note("first"))
        let seen = try #require(try latch.look())
        _ = try latch.engage(LatchGround.note("second"))
        #expect(try !latch.release(seen))
        #expect(latch.isEngaged)
        #expect(try latch.look()?.notes.count == 2)
    }

    @Test(arguments: ["", "KILL\n", "{\"event_id\":\"", "\u{0}\u{FF}"])
    func `stops whatever is written in it, and has one name for each such file`(text: String) throws {
        ground.put(text)
        #expect(latch.isEngaged)
        let first = try #require(try latch.look())
        let again = try latch.look()
        #expect(first.notes.count == 1 && first.notes == again?.notes)
        #expect(first.notes[0].actor.text == "unknown")
        // Who engages it properly is named too, and the torn line keeps its own.
        let note = try LatchGround.note("proper")
        _ = try latch.engage(note)
        #expect(try latch.look()?.notes.first == note)
        let left = try #require(try latch.look())
        #expect(try latch.release(left))
    }

    @Test func `stops as a folder, as a link to nowhere, and when its folder is gone or cannot be looked into`() throws
    {
        #expect(unsafe mkdir(latch.path, 0o755) == 0)
        #expect(latch.isEngaged)
        #expect(try latch.engage(LatchGround.note("over a folder")) == .init(isSigned: false, isDurable: false))
        #expect(unsafe rmdir(latch.path) == 0)
        #expect(!latch.isEngaged)
        #expect(unsafe symlink("/nowhere/at/all", latch.path) == 0)
        #expect(latch.isEngaged)
        #expect(unsafe unlink(latch.path) == 0)
        #expect(KillLatch(dataFolder: ground.folder.path + "/gone").isEngaged)
        ground.put("a file where a folder should be")
        #expect(KillLatch(dataFolder: latch.path).isEngaged)
    }

    @Test func `makes the folder when it has to, and says when it cannot`() throws {
        let deep = KillLatch(dataFolder: ground.folder.path + "/a/b")
        _ = try deep.engage(LatchGround.note("deep"))
        #expect(try deep.look()?.notes.count == 1)
        #expect(unsafe access(deep.folder, W_OK) == 0)
        #expect(throws: KillLatchError.self) {
            try KillLatch(dataFolder: "/proc/nothing").engage(LatchGround.note("no disk"))
        }
    }

    @Test func `loses no note and no stop to a release at the same time`() async throws {
        for round in 0..<40 {
            _ = try latch.engage(LatchGround.note("round \(round)"))
            let seen = try #require(try latch.look())
            async let released = aside { [latch] in try latch.release(seen) }
            async let engaged = aside { [latch] in try latch.engage(LatchGround.note("meanwhile \(round)")) }
            _ = try await (released, engaged)
            // Whichever came first: the second stop holds, and its name is there.
            let left = try #require(try latch.look())
            #expect(latch.isEngaged && left.notes.last?.reason.text == "meanwhile \(round)")
            #expect(try latch.release(left))
        }
    }
}

@Suite struct `A running process` {
    @Test func `is found as long as it runs, and no longer`() throws {
        let folder = TemporaryFolder()
        #expect(RunningProcess.all(in: folder.path).isEmpty)
        let process = RunningProcess(process: "host/1@now", pid: 1, port: 4711, roles: ["router", "gates"])
        do {
            let card = try ProcessCard(process, in: folder.path)
            #expect(withExtendedLifetime(card) { RunningProcess.all(in: folder.path) } == [process])
        }
        #expect(RunningProcess.all(in: folder.path).isEmpty)
    }

    @Test func `that was killed leaves a file behind, which nobody takes for it`() throws {
        let folder = TemporaryFolder()
        #expect(unsafe mkdir(folder.path + "/run", 0o755) == 0)
        let path = folder.path + "/run/7.json"
        let bytes = RunningProcess(process: "dead", pid: 7, port: 1, roles: []).json
        let file = unsafe open(path, O_WRONLY | O_CREAT, 0o644)
        _ = unsafe write(file, bytes, bytes.count)
        close(file)
        #expect(RunningProcess.all(in: folder.path).isEmpty)
        #expect(unsafe access(path, F_OK) != 0)
    }
}
