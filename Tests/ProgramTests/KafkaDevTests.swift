import Foundation
import Testing

@Suite struct `A development cluster in a process of its own` {
    private let topic = "torghut.account.v1"

    private func started(_ program: Program) throws -> (Running, String) {
        let running = try Running(program, "kafka", "dev", "--brokers", "2", "--address-file", "address")
        let address = try #require(running.line())
        return (running, address)
    }

    @Test func `prints its address, carries the catalog's topics and ends on a signal`() async throws {
        for number in [SIGINT, SIGTERM] {
            let program = try Program(Ground())
            let (running, address) = try started(program)
            #expect(address.split(separator: ",").count == 2)
            #expect(try String(contentsOfFile: program.ground.folder + "/address", encoding: .utf8) == address + "\n")
            let listed = try await program.run("topics", "list", "--json", "--log", "kafka:\(address)")
            #expect(listed.status == 0 && listed.lines.count == 15, "\(listed.err)")
            running.signal(number)
            #expect(try await running.process.finish(within: .seconds(10)) == 0)
        }
    }

    @Test func `kcat reads what the program wrote, keys and headers and all`() async throws {
        let program = try Program(Ground())
        let (running, address) = try started(program)
        let lines = (0..<100).map {
            "{\"key\":\"k\($0)\",\"value\":{\"n\":\($0)},\"headers\":{\"a\":\"x\($0)\",\"b\":\"y\"}}"
        }
        let appended = try await program.run(
            "--log", "kafka:\(address)", "log", "append", "--topic", topic, input: lines.joined(separator: "\n"))
        #expect(appended.status == 0 && appended.lines.count == 100, "\(appended.err)")
        let read = try await program.run(
            ["-b", address, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k|%s|%h\n"],
            executable: "/usr/bin/kcat")
        #expect(read.lines == (0..<100).map { "k\($0)|{\"n\":\($0)}|a=x\($0),b=y" })
        running.signal(SIGTERM)
        #expect(try await running.process.finish(within: .seconds(10)) == 0)
    }

    @Test func `the program reads what kcat wrote, keys and headers and all`() async throws {
        let program = try Program(Ground())
        let (running, address) = try started(program)
        let written = try await program.run(
            ["-b", address, "-P", "-t", topic, "-K", "|", "-H", "a=x", "-H", "b=y"],
            input: Array((0..<100).map { "k\($0)|v\($0)\n" }.joined().utf8), executable: "/usr/bin/kcat")
        #expect(written.status == 0, "\(written.err)")
        let read = try await program.run("log", "read", "--topic", topic, "--log", "kafka:\(address)")
        #expect(read.status == 0 && read.lines.count == 100, "\(read.err)")
        for (number, line) in read.lines.enumerated() {
            #expect(
                line.hasSuffix("\"key\":\"k\(number)\",\"value\":\"v\(number)\",\"headers\":{\"a\":\"x\",\"b\":\"y\"}}")
            )
        }
        running.signal(SIGTERM)
        #expect(try await running.process.finish(within: .seconds(10)) == 0)
    }

    @Test func `an archive is restored into it with new offsets, and a map`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let lines = (0..<50).map { "{\"key\":\"k\($0)\",\"value\":\"v\($0)\"}" }.joined(separator: "\n")
        #expect(try await program.run("log", "append", "--topic", topic, input: lines).status == 0)
        #expect(try await program.run("log", "archive", "keep").status == 0)
        let (running, address) = try started(program)
        let restored = try await program.run("log", "restore", "keep", "--log", "kafka:\(address)", "--json")
        #expect(restored.status == 0, "\(restored.err)")
        let answer = try fields(#require(restored.lines.first))
        let map = try #require(answer["map"] as? String)
        #expect(FileManager.default.fileExists(atPath: program.ground.folder + "/" + map))
        let values = try await program.run("log", "read", "--topic", topic, "--values", "--log", "kafka:\(address)")
        #expect(values.lines == (0..<50).map { "v\($0)" })
        let again = try await program.run("log", "restore", "keep", "--log", "kafka:\(address)")
        #expect(again.status == 1 && again.err.contains("holds records already"), "\(again.err)")
        running.signal(SIGTERM)
        #expect(try await running.process.finish(within: .seconds(10)) == 0)
    }

    @Test func `an archive of it belongs to the log of that name, and reads in front of it`() async throws {
        var program = try Program(Ground())
        let (running, address) = try started(program)
        program.environment = ["TORGHUT_LOG": "kafka:\(address)", "TORGHUT_LOG_ID": "dev"]
        let lines = (0..<50).map { "{\"key\":\"k\($0)\",\"value\":\"v\($0)\"}" }.joined(separator: "\n")
        #expect(try await program.run("log", "append", "--topic", topic, input: lines).status == 0)
        #expect(try await program.run("log", "archive", "keep", "--topic", topic).status == 0)
        #expect(try await program.run("log", "append", "--topic", topic, input: lines).status == 0)
        let plain = try await program.run("log", "read", "--topic", topic)
        let stitched = try await program.run("log", "read", "--topic", topic, "--archive", "keep")
        #expect(plain.lines.count == 100 && stitched.out == plain.out, "\(stitched.err)")
        program.environment["TORGHUT_LOG_ID"] = "other"
        let refused = try await program.run("log", "archive", "keep", "--topic", topic)
        #expect(refused.status == 1 && refused.err.contains("is an archive of log dev"), "\(refused.err)")
        running.signal(SIGTERM)
        #expect(try await running.process.finish(within: .seconds(10)) == 0)
    }
}
