import Bus
import Core
import Domain
import Foundation
import TestSupport
import Testing
import Wire

/// Only where it is asked for (`make test-flink`): Flink is large.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["TORGHUT_FLINK"] != nil))
struct `deploy/flink in a real Flink` {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../deploy/flink").standardizedFileURL.path
    private static let seed: UInt64 = 21
    private static let topics = [
        "torghut.decisions.v1", "torghut.order-intents.v1", "torghut.route.v1", "torghut.order-events.v1",
        "torghut.lean.shadow.v1",
    ]

    /// Each record has the time of its event, as if it had been appended then: by that `log read` orders partitions, and
    /// a stream that is read in another order is late for its own windows.
    private func tell(_ program: Program) async throws {
        let story = StoryTeller(
            StoryTeller.Settings(seed: Self.seed, orders: 1_500, symbols: 6, open: 1, apart: .seconds(20)))
        let log = JournalLog(program.ground.folder + "/.torghut/journal")
        let writer = try await log.writer(named: "test.day")
        var encoder = EventEncoder()
        let records = story.map { event in
            var record = encoder.record(event)
            record.timestamp = event.envelope.ingestTime.milliseconds
            return record
        }
        for start in stride(from: 0, to: records.count, by: 500) {
            try await writer.append(Append(Array(records[start..<min(start + 500, records.count)])))
        }
        await writer.close()
        await log.close()
    }

    /// Eight hours of orders with all that goes wrong, a good many said twice, and the read models of them.
    @Test func `its queries come to what our own folds come to`() async throws {
        let projecting = try await Projecting()
        let program = projecting.program
        try await program.prepared()
        try await tell(program)
        let projector = try projecting.start()
        try await projecting.waitUntilFolded()
        let (input, ours) = (program.ground.folder + "/input", program.ground.folder + "/ours")
        for path in [input, ours] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        for topic in Self.topics {
            let read = try await program.run("log", "read", "--topic", topic, "--values")
            try #require(read.status == 0 && read.lines.count > 100, "\(topic): \(read.err)")
            try Data(read.out).write(to: URL(filePath: "\(input)/\(topic).jsonl"))
        }
        let database = projecting.database.address
        for name in ["fallback_ratio", "route_share", "executions", "shadow_parity"] {
            let script = "\(Self.folder)/check/\(name).sql"
            let rows = try await aside { try Judge.run("psql", [database, "--no-psqlrc", "--csv", "-f", script]) }
            try #require(rows.status == 0 && rows.lines.count > 1, "\(name): \(rows.errors)")
            try Data(rows.output.utf8).write(to: URL(filePath: "\(ours)/\(name).csv"))
        }
        #expect(try await projector.stop() == 0)
        let checked = try await program.run(
            [Self.folder + "/check.sh", input, ours, Program.path], executable: "/bin/bash", limit: .seconds(600))
        print(checked.text)
        #expect(checked.status == 0, "seed \(Self.seed)\n\(checked.text)\(checked.err)")
        #expect(checked.lines.last == "flink: 4 queries, equal to our folds")
    }
}
