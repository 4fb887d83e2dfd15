import Foundation
import TestSupport
import Testing

@Suite struct `Archives from the command line` {
    private let topics = ["torghut.decisions.v1", "torghut.quotes.v1"]

    private func prepared() async throws -> Program {
        let program = try Program(Ground())
        try await program.prepared()
        for (seed, topic) in topics.enumerated() { try await fill(program, topic, seed: UInt64(seed + 70)) }
        return program
    }

    private func fill(_ program: Program, _ topic: String, seed: UInt64) async throws {
        var random = RandomLines(seed: seed)
        let lines = (0..<1_200).map { "{\"timestamp\":\(1_000 + $0),\"partition\":\($0 % 3),\(random.members())}" }
        let appended = try await program.run("log", "append", "--topic", topic, input: lines.joined(separator: "\n"))
        try #require(appended.status == 0, "\(appended.err)")
    }

    private func contents(_ program: Program, _ options: String...) async throws -> [[UInt8]] {
        var read: [[UInt8]] = []
        for topic in topics {
            let output = try await program.run(["log", "read", "--topic", topic] + options)
            #expect(output.status == 0, "\(output.err)")
            read.append(output.out)
        }
        return read
    }

    @Test func `a restored journal reads as the one that was archived`() async throws {
        let program = try await prepared()
        let first = try await program.run("log", "archive", "keep", "--file-bytes", "20000", "--json")
        #expect(first.status == 0 && first.lines.count > 6, "\(first.err)")
        try await fill(program, topics[0], seed: 99)
        let second = try await program.run("log", "archive", "keep", "--file-bytes", "20000")
        #expect(second.status == 0 && second.err.contains("archived 1200 records"), "\(second.err)")
        #expect(try await program.run("log", "archive", "keep").err.contains("archived 0 records"))
        let restored = try await program.run("--log", "journal:new", "log", "restore", "keep", "--json")
        #expect(restored.status == 0, "\(restored.err)")
        #expect(try fields(#require(restored.lines.first))["records"] as? Int == 3_600)
        let whole = try await contents(program)
        #expect(try await contents(program, "--log", "journal:new") == whole)
        #expect(try await contents(program, "--log", "archive:keep") == whole)
        #expect(try await contents(program, "--archive", "keep") == whole)
        #expect(try await program.run("log", "verify", "--log", "journal:new").status == 0)
        let again = try await program.run("--log", "journal:new", "log", "restore", "keep")
        #expect(again.status == 0, "\(again.err)")
        #expect(try await contents(program, "--log", "journal:new") == whole)
        for file in try FileManager.default.subpathsOfDirectory(atPath: program.ground.folder + "/keep")
        where file.hasSuffix(".lz4") {
            let unpacked = try await program.run(["-c", "-d", "keep/\(file)"], executable: "/usr/bin/lz4")
            #expect(unpacked.status == 0 && unpacked.out.starts(with: Array("TGARCH01".utf8)))
        }
    }

    @Test func `a damaged or missing file is refused by name, and nothing is restored`() async throws {
        let program = try await prepared()
        #expect(try await program.run("log", "archive", "keep").status == 0)
        let path = try #require(
            try FileManager.default.subpathsOfDirectory(atPath: program.ground.folder + "/keep").sorted()
                .first { $0.hasSuffix(".lz4") })
        let url = URL(fileURLWithPath: program.ground.folder + "/keep/" + path)
        let good = try Data(contentsOf: url)
        var bad = good
        bad[bad.count / 2] ^= 1
        for (content, said) in [(bad, "SHA-256"), (Data(good.dropLast()), "bytes")] {
            try content.write(to: url)
            let refused = try await program.run("--log", "journal:new", "log", "restore", "keep")
            #expect(refused.status == 1 && refused.err.contains(path) && refused.err.contains(said), "\(refused.err)")
            #expect(!FileManager.default.fileExists(atPath: program.ground.folder + "/new"))
        }
        try FileManager.default.removeItem(at: url)
        let missing = try await program.run("--log", "journal:new", "log", "restore", "keep")
        #expect(missing.status == 1 && missing.err.contains("it is missing"))
        #expect(try await program.run("log", "restore", "nowhere").err.contains("holds no archive"))
    }

    @Test func `a target that holds other records is refused`() async throws {
        let program = try await prepared()
        #expect(try await program.run("log", "archive", "keep").status == 0)
        #expect(try await program.run("topics", "apply", "--log", "journal:new").status == 0)
        let other = try await program.run(
            "log", "append", "--topic", topics[0], "--log", "journal:new", input: #"{"value":"x","partition":0}"#)
        #expect(other.status == 0)
        let refused = try await program.run("--log", "journal:new", "log", "restore", "keep")
        #expect(refused.status == 1 && refused.err.contains("\(topics[0])/0"), "\(refused.err)")
        let foreign = try await program.run("log", "archive", "keep", "--log", "journal:new")
        #expect(foreign.status == 1 && foreign.err.contains("is an archive of log"))
    }

    @Test func `what retention removed before it was archived is an incident with a range, and exit code 3`()
        async throws
    {
        let program = try await prepared()
        #expect(try await program.run("log", "archive", "keep", "--topic", topics[1], "--partition", "2").status == 0)
        try await fill(program, topics[1], seed: 97)
        // The records' timestamps lie far before the seven days that the topic keeps.
        let removed = try await program.run("log", "retention", "--json")
        #expect(
            removed.status == 0 && removed.text.contains("\"partition\":2,\"begin\":800"),
            "\(removed.text)\(removed.err)")
        let once = try await program.run("log", "archive", "keep", "--follow", "--once")
        #expect(once.status == 3, "\(once.err)")
        #expect(once.err.contains("INCIDENT: \(topics[1])/2 400..<800 was removed by retention"), "\(once.err)")
        #expect(once.err.contains("archive_lost_records"), "\(once.err)")
        #expect(try await program.run("log", "archive", "keep", "--follow", "--once").status == 0)
        let gap = try await program.run("log", "read", "--topic", topics[1], "--partition", "2", "--archive", "keep")
        #expect(gap.status == 1 && gap.err.contains("gap: offsets 400..<800"), "\(gap.err)")
    }

    @Test func `following once takes what is not kept forever`() async throws {
        let program = try await prepared()
        let once = try await program.run("log", "archive", "keep", "--follow", "--once", "--json")
        #expect(once.status == 0, "\(once.err)")
        #expect(once.text.contains(topics[1]) && !once.text.contains(topics[0]))
        let follower = try Running(program, "log", "archive", "keep", "--follow", "--every", "500ms", "--json")
        try await fill(program, topics[1], seed: 98)
        #expect(follower.line()?.contains(topics[1]) == true)
        follower.signal(SIGTERM)
        #expect(try await follower.process.finish() == 0)
    }

    @Test func `a follower tells its rounds, and a topic that cannot be read holds up no other`() async throws {
        let program = try await prepared()
        try await fill(program, "torghut.trade-updates.v1", seed: 71)
        // Where one topic's files are to go there is a file.
        let kept = URL(filePath: program.ground.folder + "/kept")
        try FileManager.default.createDirectory(at: kept, withIntermediateDirectories: true)
        try Data().write(to: kept.appending(path: topics[1]))
        let once = try await program.run("log", "archive", "kept", "--follow", "--once")
        #expect(once.status == 1 && once.err.contains("archive_topic_failed"), "\(once.err)")
        let follower = try Projector(
            program, ["log", "archive", "kept", "--follow", "--every", "200ms", "--metrics-port", "0"])
        var address = ""
        try await eventually("its port") {
            let line = try follower.text().split(separator: "\n").first { $0.hasPrefix("metrics on ") }
            address = String(line?.dropFirst("metrics on ".count) ?? "")
            return !address.isEmpty
        }
        func figures() async throws -> [String: Double] {
            let asked = address
            let scrape = try await aside { try Judge.run("curl", ["-sS", "-f", asked]) }
            try #require(scrape.status == 0, "\(scrape)")
            let checked = try await aside {
                try Judge.run("promtool", ["check", "metrics"], input: Data(scrape.output.utf8))
            }
            #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
            return Dictionary(
                scrape.output.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
                    let parts = line.split(separator: " ")
                    return Double(parts[1]).map { (String(parts[0]), $0) }
                }
            ) { first, _ in first }
        }
        try await fill(program, "torghut.trade-updates.v1", seed: 72)
        try await eventually("the other topic's records") {
            try await figures()["torghut_archive_records_total"] == 1_200
        }
        let first = try await figures()
        #expect(first["torghut_archive_failing_topics"] == 1 && first["torghut_archive_lost_records_total"] == 0)
        #expect(first["torghut_archive_round_interval_seconds"] == 0.2)
        // The round by hand was not whole either, but the archive grew.
        let grew = try #require(first["torghut_archive_last_round_timestamp_seconds"])
        #expect(grew > 1_700_000_000)
        try FileManager.default.removeItem(at: kept.appending(path: topics[1]))
        try await eventually("a whole round") {
            let now = try await figures()
            return now["torghut_archive_failing_topics"] == 0 && now["torghut_archive_records_total"] == 2_400
                && now["torghut_archive_last_round_timestamp_seconds"] ?? 0 > grew
        }
        #expect(try await follower.stop() == 0)
    }
}
