import Commands
import Core
import Domain
import Folding
import TestSupport
import Testing

@Suite struct `A snapshot` {
    private func file(_ count: Int = 300) throws -> SnapshotFile {
        let control = TopicPartition(TopicCatalog.control.name, 0)
        return SnapshotFile(
            try SnapshotFile.Identity(fold: "fold", log: "log", condition: "horizon"),
            at: FoldVector([
                control: FoldVector.Place(next: 7, anchor: Anchor(offset: 5, timestamp: -3, hash: .max)),
                TopicPartition(TopicCatalog.route.name, 11): FoldVector.Place(next: 0),
            ]), state: (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0) })
    }

    @Test(arguments: [0, 1, 300, 100_000])
    func `says what was put into it`(count: Int) throws {
        let file = try file(count)
        let read = try SnapshotFile(decoding: file.encoded())
        #expect(read == file)
    }

    @Test func `is none when it is cut at any byte`() throws {
        let bytes = try file().encoded()
        for count in bytes.indices {
            #expect(throws: SnapshotRefusal.self, "\(count) bytes") {
                _ = try SnapshotFile(decoding: Array(bytes[..<count]))
            }
        }
    }

    @Test func `is none when any byte is another`() throws {
        let bytes = try file().encoded()
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x20
            #expect(throws: SnapshotRefusal.self, "byte \(index)") { _ = try SnapshotFile(decoding: damaged) }
        }
    }

    @Test func `is read by the fold that wrote it, of the same log, under the same settings`() throws {
        let folder = TemporaryFolder()
        let store = SnapshotStore(folder: folder.path + "/snapshots", logID: "log")
        let state = Guarded(BreakerFold())
        let none = try store.load(Guarded<BreakerFold>.self, "gates")
        #expect(none == nil)
        try store.save(state, at: FoldVector(), as: "gates", condition: "a")
        let loaded = try store.load(Guarded<BreakerFold>.self, "gates", condition: "a")?.state
        #expect(loaded == state)
        #expect(throws: SnapshotRefusal.self) {
            _ = try store.load(Guarded<BreakerFold>.self, "gates", condition: "b")
        }
        #expect(throws: SnapshotRefusal.self) {
            _ = try store.load(BreakerFold.self, "gates", condition: "a")
        }
        let other = SnapshotStore(folder: store.folder, logID: "another")
        #expect(throws: SnapshotRefusal.self) {
            _ = try other.load(Guarded<BreakerFold>.self, "gates", condition: "a")
        }
    }

    /// A release that can read the records must find them: it would never come by them again.
    @Test func `is discarded when records could not be read before it was made`() async throws {
        let floor = try await TradingFloor()
        let control = TopicPartition(TopicCatalog.control.name, 0)
        let store = SnapshotStore(folder: floor.folder.path + "/snapshots", logID: "log")
        var kept = Guarded(BreakerFold())
        kept.unread.note(Unreadable(position: RecordPosition(control, 0), why: "a version of tomorrow"))
        #expect(!kept.isWorthKeeping)
        try store.save(kept, at: FoldVector([control: .init(next: 0)]), as: "gates")
        let fold: ResumedFold<Guarded<BreakerFold>, EventReading> = try await store.resume(
            "gates", from: floor.log, [control], empty: { Guarded(BreakerFold()) },
            reading: { `Following the log`.reading() })
        #expect(fold.discarded?.description.contains("could not be read") == true && !fold.isFromSnapshot)
        await fold.follower.close()
    }

    @Test func `is discarded when it was folded from other partitions, or lies beyond the log`() async throws {
        let floor = try await TradingFloor()
        try await floor.open()
        let store = SnapshotStore(folder: floor.folder.path + "/snapshots", logID: "log")
        let control = TopicPartition(TopicCatalog.control.name, 0)
        let account = TopicPartition(TopicCatalog.account.name, 0)
        for (vector, reason) in [
            (FoldVector([control: .init(next: 1), account: .init(next: 0)]), "other partitions"),
            (FoldVector([control: .init(next: 3)]), "outside what the log holds"),
            (
                FoldVector([control: .init(next: 2, anchor: Anchor(offset: 1, timestamp: 0, hash: 1))]),
                "is not the record"
            ),
        ] {
            try store.save(Guarded(BreakerFold()), at: vector, as: "gates")
            let fold: ResumedFold<Guarded<BreakerFold>, EventReading> = try await store.resume(
                "gates", from: floor.log, [control], empty: { Guarded(BreakerFold()) },
                reading: { `Following the log`.reading() })
            #expect(fold.discarded?.description.contains(reason) == true, "\(fold.discarded?.description ?? "kept")")
            #expect(!fold.isFromSnapshot)
            await fold.follower.close()
        }
    }
}
