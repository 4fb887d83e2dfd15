import Foundation
import TestSupport
import Testing

@Suite struct `A process that is killed while it appends` {
    @Test(arguments: [51, 52, 53, 54] as [UInt64])
    func `leaves a log that verifies, and every printed position is readable`(seed: UInt64) async throws {
        let program = try Program(Ground())
        try await program.prepared()
        var random = SplitMix64(seed: seed)
        let topic = "torghut.decisions.v1"
        let line = "{\"key\":\"AAPL\",\"value\":\"\(String(repeating: "x", count: 300))\",\"partition\":3}\n"
        let source = program.ground.folder + "/lines"
        try Data(String(repeating: line, count: 60_000).utf8).write(to: URL(fileURLWithPath: source))
        let printed = program.ground.folder + "/printed"
        try Data().write(to: URL(fileURLWithPath: printed))
        let writer = program.process(["log", "append", "--topic", topic])
        writer.standardInput = FileHandle(forReadingAtPath: source)
        writer.standardOutput = FileHandle(forWritingAtPath: printed)
        writer.standardError = FileHandle.nullDevice
        try writer.run()
        let wanted = Int.random(in: 1...1_500_000, using: &random)
        while writer.isRunning, try Data(contentsOf: URL(fileURLWithPath: printed)).count < wanted { usleep(500) }
        kill(writer.processIdentifier, SIGKILL)
        _ = try await writer.finish()

        let verified = try await program.run("log", "verify")
        #expect(verified.status == 0, "seed \(seed): \(verified.text)\(verified.err)")
        let positions = try String(contentsOfFile: printed, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasSuffix("}") }.map { try fields(String($0))["offset"] as? Int ?? -1 }
        #expect(positions == Array(0..<positions.count), "seed \(seed)")
        let read = try await program.run("log", "read", "--topic", topic, "--partition", "3")
        #expect(read.status == 0 && read.lines.count >= positions.count, "seed \(seed)")
        // A writer may find one more whole batch behind what readers were shown.
        let again = try await program.run("log", "append", "--topic", topic, input: line)
        let all = try await program.run("log", "read", "--topic", topic, "--partition", "3").lines
        #expect(again.status == 0 && again.text.contains("\"offset\":\(all.count - 1)}"), "seed \(seed): \(again.err)")
        #expect(all.starts(with: read.lines), "seed \(seed): \(all.count)")
    }
}

@Suite struct `A damaged journal` {
    @Test func `is located by verify, and cut by repair only when asked`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let topic = "torghut.account.v1"
        for number in 0..<20 {
            let appended = try await program.run(
                "log", "append", "--topic", topic, input: "{\"value\":\"number \(number)\"}")
            try #require(appended.status == 0)
        }
        let folder = program.ground.folder + "/.torghut/journal"
        let segment = try #require(try Self.segments(folder).last)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: segment))
        let used = try #require(bytes.lastIndex { $0 != 0 })
        bytes[used / 2] ^= 0x20
        try bytes.write(to: URL(fileURLWithPath: segment))

        let verified = try await program.run("log", "verify", "--json")
        #expect(verified.status == 3, "\(verified.text)\(verified.err)")
        let damage = try fields(#require(verified.lines.first))
        #expect(damage["ok"] as? Bool == false)
        #expect((damage["file"] as? String)?.contains(URL(fileURLWithPath: segment).lastPathComponent) == true)
        #expect(try #require(damage["byte"] as? Int) <= used / 2)
        let shown = try await program.run("log", "repair")
        #expect(shown.status == 3 && shown.err.contains("nothing was cut"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: segment)) == bytes)

        let repaired = try await program.run("log", "repair", "--yes", "--json")
        #expect(repaired.status == 0, "\(repaired.err)")
        let cut = try fields(#require(repaired.lines.first))
        let kept = try #require(cut["kept_in"] as? String)
        let keptAt = kept.hasPrefix("/") ? kept : program.ground.folder + "/" + kept
        #expect(FileManager.default.fileExists(atPath: keptAt), "\(kept)")
        #expect(try await program.run("log", "verify").status == 0)
        #expect(try await program.run("log", "repair").status == 0)
        let left = try await program.run("log", "read", "--topic", topic, "--values").lines
        #expect(left.count == 19 && left == (0..<20).map { "number \($0)" }.filter { left.contains($0) })
    }

    private static func segments(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).map { "\(folder)/\($0)" }
            .filter { $0.hasSuffix(".seg") || $0.hasSuffix(".segment") || $0.hasSuffix(".log") }.sorted()
    }
}
