import Core
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct `A parked record` {
    private func listed(_ ground: Projecting, _ arguments: String...) async throws -> [String] {
        let output = try await ground.program.run(["quarantine", "list", "--json"] + arguments)
        try #require(output.status == 0, "\(output.err)")
        return try output.lines.map { line in
            let fields = try fields(line)
            return "\(fields["record"] ?? "") \(fields["state"] ?? "")"
        }
    }

    /// P1, P3: a bad record stops its key alone, and the operator's words set it free, in order.
    @Test func `holds up its key until an operator decides, and the rest goes on`() async throws {
        let ground = try await Projecting()
        try await ground.program.prepared()
        let partition = Murmur2Partitioner.partition(forKey: Array("S1".utf8), of: 12)
        let other = Murmur2Partitioner.partition(forKey: Array("S2".utf8), of: 12)
        try #require(partition != other)
        try await ground.append([
            Shadows.poison(0, symbol: "S1"), Shadows.line(1, symbol: "S1"), Shadows.line(2, symbol: "S1"),
            Shadows.line(3, symbol: "S2"), Shadows.poison(4, symbol: "S2"), Shadows.line(5, symbol: "S2"),
        ])
        let projector = try ground.start()
        try await ground.waitForSteps(1)
        let first = "\(Projecting.topic)/\(partition)/0"
        let second = "\(Projecting.topic)/\(other)/1"
        try await eventually("parked records on the log") {
            try await ground.program.run("log", "read", "--topic", "torghut.quarantine.v1").lines.count == 2
        }
        let waiting = try await listed(ground)
        #expect(
            Set(waiting) == [
                "\(first) parked", "\(Projecting.topic)/\(partition)/1 deferred",
                "\(Projecting.topic)/\(partition)/2 deferred", "\(second) parked",
                "\(Projecting.topic)/\(other)/2 deferred",
            ])
        let status = try await ground.status()
        #expect(status.code == 0 && status.says.contains("2 keys wait for an operator"), "\(status.says)")
        try await decide(ground, first: first, second: second, partition: partition)
        try await ground.waitForSteps(5)
        #expect(try ground.number("SELECT count(*) FROM \(Projecting.steps) WHERE symbol = 'S1'") == 3)
        try await ground.waitUntilFolded()
        #expect(try ground.number("SELECT count(*) FROM quarantine WHERE status <> 'parked'") == 2)
        #expect(try await listed(ground).isEmpty)
        #expect(Set(try await listed(ground, "--all")) == ["\(first) patched", "\(second) skipped"])
        #expect(try await projector.stop() == 0)
        try await refold(ground)
    }

    private func decide(_ ground: Projecting, first: String, second: String, partition: Int32) async throws {
        let program = ground.program
        let shown = try await program.run("quarantine", "show", first, "--json")
        let fields = try fields(#require(shown.lines.first))
        #expect(fields["state"] as? String == "parked" && fields["key"] as? String == "S1", "\(shown.text)")
        #expect((fields["value"] as? String)?.contains("shadow.failed") == true)
        let named = ["--reason", "a test", "--actor", "tester"]
        let behind = try await program.run(
            ["quarantine", "skip", "\(Projecting.topic)/\(partition)/1", "--yes"] + named)
        #expect(behind.status == 1 && behind.err.contains("waits behind \(first)"), "\(behind.err)")
        let hopeless = try await program.run(["quarantine", "release", first, "--yes"] + named)
        #expect(hopeless.status == 3 && hopeless.text.contains("stay parked: unreadable_payload"), "\(hopeless.text)")
        let worse = try await program.run(["quarantine", "patch", first, "--value", "{", "--yes"] + named)
        #expect(worse.status == 3 && worse.text.contains("stay parked: malformed"), "\(worse.text)")
        let file = program.ground.folder + "/patch"
        try Data(Shadows.value(0, symbol: "S1").utf8).write(to: URL(fileURLWithPath: file))
        let patch = ["quarantine", "patch", first, "--file", file] + named
        let dry = try await program.run(patch)
        #expect(dry.status == 0 && dry.text.contains("fold") && dry.err.contains("nothing was said"), "\(dry.err)")
        #expect(try await program.run("log", "read", "--topic", "torghut.control.v1").lines.isEmpty)
        let said = try await program.run(patch + ["--yes"])
        #expect(said.status == 0 && said.text.contains("torghut.control.v1/0/0"), "\(said.err)")
        let skipped = try await program.run(["quarantine", "skip", second, "--yes"] + named)
        #expect(skipped.status == 0, "\(skipped.err)")
        try await eventually("the key to be free") {
            try await listed(ground).isEmpty
        }
        let again = try await program.run(["quarantine", "skip", second, "--yes"] + named)
        #expect(again.status == 3 && again.err.contains("nothing waits"), "\(again.err)")
    }

    /// P4: the words are on the log, so another fold from its beginning gives the same rows and the same roots.
    private func refold(_ ground: Projecting) async throws {
        let roots = try ground.roots()
        try ground.forget()
        let projector = try ground.start()
        try await ground.waitForSteps(5)
        try await ground.waitUntilFolded()
        #expect(try ground.roots() == roots)
        #expect(try await projector.stop() == 0)
        // What was told once is not told again by another owner.
        #expect(try await ground.program.run("log", "read", "--topic", "torghut.quarantine.v1").lines.count == 2)
    }

    @Test func `can only be decided on with a reason and a name`() async throws {
        var program = try Program(Ground())
        program.environment = ["TORGHUT_DB_DSN": "postgresql://x@127.0.0.1:1/x"]
        for (arguments, said) in [
            (["skip", "a/0/1", "--actor", "me"], "needs --reason"),
            (["skip", "a/0/1", "--reason", "x"], "needs --actor"),
            (["release", "--reason", "x", "--actor", "me"], "needs TOPIC/P/O"),
            (["release", "a/0/1", "--all", "--reason", "x", "--actor", "me"], "and not both"),
            (["release", "a/0/1", "--limit", "3", "--reason", "x", "--actor", "me"], "--limit belongs to --all"),
            (["skip", "a-0-1", "--reason", "x", "--actor", "me"], "TOPIC/PARTITION/OFFSET"),
            (["patch", "a/0/1", "--reason", "x", "--actor", "me"], "needs --value or --file"),
            (["list", "--projection", "strategy"], "did you mean strategies?"),
        ] {
            let refused = try await program.run(["quarantine"] + arguments)
            #expect(refused.status == 2 && refused.err.contains(said), "\(arguments): \(refused.err)")
        }
    }
}
