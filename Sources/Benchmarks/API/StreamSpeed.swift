import Bus
import Core
import Domain
import Foundation
import TestSupport
import Wire

/// Five hundred clients on the stream of events while a thousand events a second come: what it costs, and whether
/// memory grows.
enum StreamSpeed {
    static let clients = 500
    static let perSecond = 1_000
    static let warmUp = 10
    static let seconds = 60

    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("stream")
        let bench = CommandsBench()
        let program = try await ServedProgram(
            scratch, roles: "api",
            environment: [
                "TORGHUT_DATA_DIR": "\(scratch.path)/data", "TORGHUT_DB_DSN": "host=\(scratch.path) dbname=none",
            ])
        let log = JournalLog("\(scratch.path)/data/journal")
        let writer = try await log.writer(named: "bench")
        try await isServed(program)
        let audience = StreamAudience(clients, port: program.port)
        let deadline = ContinuousClock.now + .seconds(30)
        while audience.clients.contains(where: { $0.events < 1 }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        let joined = audience.clients.map(\.events)
        _ = try await tell(warmUp, bench, writer)
        let (began, beganAt) = (try program.residentKilobytes(), audience.arrivals.count)
        let processor = try program.processorSeconds()
        let sent = try await tell(seconds, bench, writer)
        try await Task.sleep(for: .seconds(2))
        let cost = (try program.processorSeconds() - processor) / Double(seconds)
        let ended = try program.residentKilobytes()
        let got = zip(audience.clients, joined).map { $0.events - $1 }
        let cut = audience.clients.count(where: \.hasEnded)
        let arrivals = audience.arrivals
        audience.stop()
        await log.close()
        program.stop()
        let told = (warmUp + seconds) * perSecond
        table.add(
            Row(
                name:
                    "\(clients) clients of the stream, \(Row.grouped(perSecond)) events/s for \(seconds) s: events that "
                    + "came to the one that got fewest, beside those sent (\(cut) cut)",
                ours: Row.grouped(got.min() ?? 0), floor: Row.grouped(told),
                ratio: Double(got.min() ?? 0) / Double(told), target: .atLeast(1)))
        table.add(
            Row(
                name: "… resident memory at the end, beside the beginning", ours: "\(Row.grouped(ended)) KiB",
                floor: "\(Row.grouped(began)) KiB", ratio: Double(ended) / Double(began), target: .atMost(1.05)))
        table.add(
            Row(
                name: "… processor time of the program a second, beside one core", ours: "\(Row.short(cost)) s",
                floor: "1.00 s", ratio: cost, target: .none))
        var delays = zip(arrivals.dropFirst(beganAt), sent).map { $0 - $1 }
        delays.sort()
        guard !delays.isEmpty else { return try scratch.remove() }
        let late = delays[Int(Double(delays.count - 1) * 0.99)]
        table.add(
            Row(
                name: "… from when an event should have been sent to its client, p99, beside one second",
                ours: "\(Row.short(late.seconds * 1_000)) ms", floor: "1000.00 ms", ratio: late.seconds,
                target: .atMost(1)))
        try scratch.remove()
    }

    /// Waits until the topics are made and followed: before that there is no stream.
    private static func isServed(_ program: ServedProgram) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        let question = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "0.3"]
        while ContinuousClock.now < deadline {
            let answer = try Judge.run("curl", question + ["http://127.0.0.1:\(program.port)/trading/stream"])
            if answer.output.contains("200") { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw ServedProgram.Failure(description: "the stream was not served within 30 s")
    }

    /// Tells so many seconds of events, ten at a time; when each should have gone out.
    private static func tell(
        _ seconds: Int, _ bench: CommandsBench, _ writer: any EventWriter
    ) async throws -> [ContinuousClock.Instant] {
        var encoder = EventEncoder()
        var moments: [ContinuousClock.Instant] = []
        let began = ContinuousClock.now
        for turn in 0..<(seconds * perSecond / 10) {
            let due = began + .seconds(10) / perSecond * turn
            if due > .now { try await Task.sleep(until: due, clock: .continuous) }
            let records = try (0..<10).map { encoder.record(try bench.decision(turn * 10 + $0)) }
            try await writer.append(Append(records))
            moments += repeatElement(due, count: 10)
        }
        return moments
    }
}
