import Foundation
import Testing

@Suite struct `What a newcomer runs first` {
    @Test func `doctor says for each check what it found, and how to mend what is missing`() async throws {
        var program = try Program(Ground())
        let healthy = try await program.run("doctor", "--json")
        #expect([0, 3].contains(healthy.status))
        let checks = try healthy.lines.map { try fields($0) }
        #expect(
            Set(checks.compactMap { $0["check"] as? String }).isSuperset(of: [
                "kcat", "fsync", "free space", "open files",
            ]))
        program.environment = ["PATH": "/nowhere"]
        let poor = try await program.run("doctor", "--json")
        #expect(poor.status == 3)
        let kcat = try #require(try poor.lines.map { try fields($0) }.first { $0["check"] as? String == "kcat" })
        #expect(kcat["ok"] as? Bool == false && (kcat["mend"] as? String)?.contains("apt-get install kcat") == true)
    }

    @Test func `up shows events, takes those of other processes, and ends on Ctrl-C`() async throws {
        let program = try Program(Ground())
        let up = try Running(program, "up")
        for number in 0..<3 {
            #expect(up.line()?.hasPrefix("torghut.heartbeats.v1/0/\(number)  up/log  {") == true)
        }
        let appended = try await program.run(
            "log", "append", "--topic", "torghut.control.v1", input: #"{"key":"global","value":"hello"}"#)
        #expect(appended.status == 0, "\(appended.err)")
        #expect(up.line() == "torghut.control.v1/0/0  global  hello")
        let second = try await program.run("up", "--for", "1s")
        #expect(second.status == 1 && second.err.contains("another process writes here"), "\(second.err)")
        up.signal(SIGINT)
        #expect(try await up.process.finish(within: .seconds(5)) == 0)
        #expect(try await program.run("log", "verify").status == 0)
    }

    @Test func `up ends by itself when it is told for how long`() async throws {
        let program = try Program(Ground())
        let up = try await program.run("up", "--for", "500ms")
        #expect(up.status == 0 && up.err.contains("try from a second terminal"), "\(up.err)")
        #expect(up.err.contains("doctor:"))
    }
}

@Suite struct `The read models beside the log` {
    /// P12: what `up` starts ends with it, also when it is killed.
    @Test(arguments: [SIGINT, SIGKILL])
    func `fill as soon as up runs, in a database that ends with it`(signal: Int32) async throws {
        let program = try Program(Ground())
        let up = try Projector(program, ["up"])
        let told = try await Self.line(of: up, holding: "psql \"")
        let address = String(try #require(told.split(separator: "\"").dropFirst().first))
        let example = try await Self.line(of: up, holding: "echo '")
        let event = String(try #require(example.split(separator: "'").dropFirst().first))
        #expect(try await program.run("log", "append", "--topic", "torghut.control.v1", input: event).status == 0)
        let psql = [address, "-AtXc", "SELECT strategy_id || ' ' || enabled::text FROM strategies"]
        let deadline = ContinuousClock.now + .seconds(20)
        var rows = ""
        while rows.isEmpty, ContinuousClock.now < deadline {
            rows = try await program.run(psql, executable: "/usr/bin/psql").text
        }
        #expect(rows == "demo false\n")
        up.signal(signal)
        #expect(try await up.process.finish(within: .seconds(20)) == (signal == SIGINT ? 0 : -SIGKILL))
        let lock = program.ground.folder + "/.torghut/postgres/data/postmaster.pid"
        let ended = ContinuousClock.now + .seconds(20)
        while FileManager.default.fileExists(atPath: lock), ContinuousClock.now < ended {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(!FileManager.default.fileExists(atPath: lock))
    }

    private static func line(of program: Projector, holding part: String) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let said = try program.text()
            let lines = said.split(separator: "\n").dropLast()
            if let line = lines.first(where: { $0.contains(part) }) { return String(line) }
            try #require(ContinuousClock.now < deadline, "\(part) was not said: \(said)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
