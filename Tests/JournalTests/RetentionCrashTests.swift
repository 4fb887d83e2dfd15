import Core
import Synchronization
import TestSupport
import Testing

@testable import Journal

@Suite struct `Retention that loses power` {
    @Test func `leaves what must stay where it was, at whatever step`() async throws {
        var settings = JournalSettings.quiet
        settings.segmentBytes = 4000
        let short = TopicPartition("short", 0)
        for calls in 0..<45 {
            let disk = ForgetfulDisk()
            let journal = try await Journal.open("/j", settings, on: disk)
            try await journal.create([one, TopicSpec(name: "short", partitions: 1, retentionMilliseconds: 10)])
            for number in 0..<40 {
                var old = event("short", 0, number, bytes: 700)
                old.timestamp = Int64(number)
                try await journal.append(Append([old] + (number > 12 ? [event("t", 0, number)] : [])))
            }
            disk.state.withLock { $0.callsLeft = calls }
            let done = try? await journal.applyRetention(now: 45)
            await journal.close()
            let note = Comment(rawValue: "after \(calls) calls, finished: \(done != nil)")
            let survivor = disk.afterPowerLoss(SplitMix64(seed: UInt64(calls)))
            let again = try await Journal.open("/j", settings, on: survivor)
            let begin = try again.bounds(of: [short])[short]?.begin
            #expect(begin == 0 || begin == 35, note)
            let reader = try await again.reader(from: [lane: .beginning, short: .beginning])
            let records = try await reader.all()
            #expect(records.filter { $0.position.source == lane }.map(\.position.offset) == Array(0..<27), note)
            #expect(
                records.filter { $0.position.source == short }.map(\.position.offset) == Array((begin ?? 0)..<40), note)
            try await again.applyRetention(now: 45)
            await again.close()
            #expect(try JournalCheck.verify("/j", on: survivor).damage.isEmpty, note)
        }
    }
}
