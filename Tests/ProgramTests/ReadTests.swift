import Foundation
import Testing

private let topic = "torghut.trade-updates.v1"

@Suite struct `Reading from the command line` {
    /// Thirty records in three partitions; the timestamps count down in each group of three.
    private func prepared() async throws -> Program {
        let program = try Program(Ground())
        try await program.prepared()
        let lines = (0..<30).map { number in
            "{\"value\":\"v\(number)\",\"partition\":\(number % 3),\"timestamp\":\(1_000 + number / 3 * 10 - number % 3)}"
        }
        let appended = try await program.run("log", "append", "--topic", topic, input: lines.joined(separator: "\n"))
        try #require(appended.status == 0, "\(appended.err)")
        return program
    }

    private func values(_ program: Program, _ options: String...) async throws -> [String] {
        let read = try await program.run(["log", "read", "--topic", topic, "--values"] + options)
        #expect(read.status == 0, "\(read.err)")
        return read.lines
    }

    @Test func `partitions are merged by timestamp, then by number`() async throws {
        let program = try await prepared()
        let expected = (0..<10).flatMap { ["v\($0 * 3 + 2)", "v\($0 * 3 + 1)", "v\($0 * 3)"] }
        #expect(try await values(program) == expected)
        let lines = try await program.run("log", "read", "--topic", topic).lines
        #expect(lines.count == 30)
        #expect(
            lines[0]
                == "{\"topic\":\"\(topic)\",\"partition\":2,\"offset\":0,\"timestamp\":998,\"key\":null,\"value\":\"v2\",\"headers\":{}}"
        )
    }

    @Test func `from is inclusive, to is exclusive, and max ends it`() async throws {
        let program = try await prepared()
        #expect(try await values(program, "--partition", "1") == (0..<10).map { "v\($0 * 3 + 1)" })
        #expect(try await values(program, "--partition", "1", "--from", "2", "--to", "4") == ["v7", "v10"])
        #expect(try await values(program, "--partition", "1", "--from", "8", "--to", "end") == ["v25", "v28"])
        #expect(try await values(program, "--partition", "1", "--from", "beginning", "--max", "1") == ["v1"])
        #expect(try await values(program, "--from", "end").isEmpty)
        #expect(try await values(program, "--max", "0").isEmpty)
        #expect(try await values(program, "--from", "9") == ["v29", "v28", "v27"])
        #expect(try await values(program, "--partition", "0", "--from", "10").isEmpty)
    }

    @Test func `a position outside the log is refused, never moved`() async throws {
        let program = try await prepared()
        let outside = try await program.run("log", "read", "--topic", topic, "--partition", "0", "--from", "11")
        #expect(outside.status == 1 && outside.err.contains("position 11 of \(topic)/0 is outside"))
        let unknown = try await program.run("log", "read", "--topic", topic, "--partition", "3")
        #expect(unknown.status == 1 && unknown.err.contains("\(topic)/3 does not exist"))
        #expect(try await program.run("log", "read", "--topic", "nothing").status == 1)
    }

    @Test func `following prints what comes, and ends cleanly on a signal`() async throws {
        let program = try await prepared()
        let reader = try Running(program, "log", "read", "--topic", topic, "--follow", "--values")
        for _ in 0..<30 { #expect(reader.line() != nil) }
        let writer = try Running(program, "log", "append", "--topic", topic)
        for number in 0..<10 {
            try writer.write("{\"value\":\"n\(number)\",\"partition\":\(number % 3)}\n")
            #expect(writer.line() != nil)
            #expect(reader.line() == "n\(number)")
        }
        reader.signal(SIGINT)
        #expect(try await reader.process.finish() == 0)
        try writer.endInput()
        #expect(try await writer.process.finish() == 0)
    }

    @Test func `following with an end stops there`() async throws {
        let program = try await prepared()
        let read = try await program.run("log", "read", "--topic", topic, "--follow", "--partition", "0", "--to", "3")
        #expect(read.status == 0 && read.lines.count == 3)
        let most = try await program.run("log", "read", "--topic", topic, "--follow", "--max", "5")
        #expect(most.status == 0 && most.lines.count == 5)
    }

    @Test func `a reader that leaves ends the program quietly`() async throws {
        let program = try await prepared()
        let input = (0..<20_000).map { "{\"value\":\"\(String(repeating: "x", count: 200))\($0)\"}" }
        #expect(
            try await program.run("log", "append", "--topic", topic, input: input.joined(separator: "\n")).status == 0)
        let piped = try await program.run(
            ["-c", "'\(Program.path)' log read --topic \(topic) | head -n 3 >/dev/null; exit ${PIPESTATUS[0]}"],
            executable: "/bin/bash")
        #expect(piped.status == 0 && piped.err.isEmpty, "\(piped.err)")
    }

    @Test func `stats count records and bytes, and verify finds all well`() async throws {
        let program = try await prepared()
        let stats = try await program.run("log", "stats", "--topic", topic, "--json")
        #expect(stats.status == 0 && stats.lines.count == 3)
        #expect(
            stats.lines[0]
                == "{\"topic\":\"\(topic)\",\"partition\":0,\"begin\":0,\"end\":10,\"records\":10,\"bytes\":26}")
        #expect(try await program.run("log", "stats").lines.count == 1 + 82)
        let verified = try await program.run("log", "verify", "--json")
        #expect(verified.status == 0, "\(verified.err)")
        #expect(try fields(#require(verified.lines.first))["ok"] as? Bool == true)
        #expect(try await program.run("log", "stats", "--topic", "nothing").status == 1)
    }
}
