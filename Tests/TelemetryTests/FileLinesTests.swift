import Core
import Foundation
import Synchronization
import Telemetry
import Testing

@Suite struct `Log lines in a file` {
    private func counting() -> TelemetryMetrics { TelemetryMetrics(in: Registry()) }

    @Test func `of many threads never mix`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "lines-\(UUID().uuidString)").path()
        defer { unsafe unlink(path) }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let metrics = counting()
        // Two sinks on one file, as two processes would have.
        let sinks = [FileLines(descriptor, metrics), FileLines(descriptor, metrics)]
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let letter = UInt8(ascii: "a") + UInt8(task)
                    let line = [UInt8](repeating: letter, count: LogLineLimits.maximumLineBytes - 1) + [0x0A]
                    for _ in 0..<100 { sinks[task % 2].write(line) }
                }
            }
        }
        let lines = try Data(contentsOf: URL(filePath: path)).split(separator: 0x0A)
        #expect(lines.count == 800)
        #expect(lines.allSatisfy { Set($0).count == 1 && $0.count == LogLineLimits.maximumLineBytes - 1 })
        #expect(metrics.linesLost.value == 0)
    }

    @Test func `are counted when they are lost, and nobody is stopped`() throws {
        let full = unsafe open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        let metrics = counting()
        let sink = FileLines(full, metrics)
        for _ in 0..<3 { sink.write(Array("{}\n".utf8)) }
        #expect(metrics.linesLost.value == 3)
    }

    @Test func `after one that was cut off begin on a line of their own`() throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        // A full pipe that does not block takes a part of a line longer than it promises to take whole.
        try #require(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        let metrics = counting()
        let sink = FileLines(ends[1], metrics)
        sink.write([UInt8](repeating: 0x61, count: 1 << 20) + [0x0A])
        #expect(metrics.linesLost.value == 1)
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        let taken = unsafe read(ends[0], &piece, piece.count)
        #expect(taken > 0 && taken < 1 << 20)
        sink.write(Array("{}\n".utf8))
        let count = unsafe read(ends[0], &piece, piece.count)
        #expect(Array(piece[0..<max(0, count)]) == Array("\n{}\n".utf8))
        #expect(metrics.linesLost.value == 1)
    }
}
