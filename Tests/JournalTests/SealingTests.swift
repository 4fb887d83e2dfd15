import Core
import Synchronization
import TestSupport
import Testing

@testable import Journal

private let first = TopicPartition("t", 0)

@Suite struct `A segment that is full` {
    /// Fills the first segment, so that the next append begins another one.
    private func journal(on disk: ForgetfulDisk) async throws -> (journal: Journal, appended: Int) {
        var settings = JournalSettings.quiet
        settings.segmentBytes = 1_000
        let journal = try await Journal.open("/j", settings, on: disk)
        try await journal.create([TopicSpec(name: "t", partitions: 1, retentionMilliseconds: nil)])
        var appended = 0
        while try disk.size(ofLastSegmentIn: "/j") < settings.segmentBytes {
            try await journal.append(Append([event("t", 0, appended)]))
            appended += 1
        }
        return (journal, appended)
    }

    @Test func `loses nothing, wherever the disk fills up while the next one is begun`() async throws {
        for room in 0..<700 {
            let disk = ForgetfulDisk()
            var (journal, appended) = try await journal(on: disk)
            disk.state.withLock { $0.spaceLeft = room }
            let written = await Result { try await journal.append(Append([event("t", 0, appended)])) }
            disk.state.withLock { $0.spaceLeft = nil }
            if case .success = written { appended += 1 }
            for _ in 0..<2 {
                // A disk that filled up under the mark itself ends the writer: nothing may be added then.
                guard case .success = await Result({ try await journal.append(Append([event("t", 0, appended)])) })
                else { break }
                appended += 1
            }
            await journal.close()
            let again = try await Journal.open("/j", .quiet, on: disk)
            let read = try await again.reader(from: [first: .beginning]).all()
            #expect(read.count >= appended, "with room for \(room) bytes")
            for (number, record) in read.prefix(appended).enumerated() {
                #expect(record.value == event("t", 0, number).value, "with room for \(room) bytes")
            }
            await again.close()
            #expect(try JournalCheck.verify("/j", on: disk).damage.isEmpty, "with room for \(room) bytes")
        }
    }
}

extension ForgetfulDisk {
    fileprivate func size(ofLastSegmentIn folder: String) throws -> Int {
        let names = try list(folder).filter { $0.hasSuffix(".seg") }.sorted()
        let file = try open("\(folder)/\(names.last ?? "")", .read)
        defer { close(file) }
        return try size(of: file)
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
