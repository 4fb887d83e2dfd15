import Foundation
import Testing

@Suite struct `Topics from the command line` {
    @Test func `are planned, applied and then as they are meant to be`() async throws {
        let program = try Program(Ground())
        let verified = try await program.run("topics", "verify")
        #expect(verified.status == 3 && verified.lines.count == 15)
        #expect(verified.text.contains("torghut.decisions.v1"))
        let planned = try await program.run("topics", "plan", "--json")
        #expect(planned.status == 0 && planned.lines.count == 15)
        #expect(try fields(planned.lines[0])["action"] as? String == "create")
        let applied = try await program.run("topics", "apply", "--json")
        #expect(applied.status == 0 && applied.lines.count == 15)
        #expect(try await program.run("topics", "verify").status == 0)
        #expect(try await program.run("topics", "plan", "--json").out.isEmpty)
        let listed = try await program.run("topics", "list", "--json")
        #expect(listed.status == 0 && listed.lines.count == 15)
        let names = try listed.lines.map { try fields($0)["topic"] as? String ?? "" }
        #expect(names == names.sorted())
        #expect(try await program.run("topics", "list").lines[0].hasPrefix("topic "))
    }

    @Test func `each difference is named, and what needs a person stays`() async throws {
        let program = try Program(Ground())
        try await program.prepared()
        let folder = program.ground.folder + "/wanted"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, partitions, retention, policy) in [
            ("torghut.quotes.v1", 3, "86400000", "delete"), ("torghut.account.v1", 1, "-1", "compact"),
            ("torghut.trade-updates.v1", 2, "604800000", "delete"), ("torghut.control.v1", 4, "-1", "delete"),
            ("torghut.new.v1", 2, "-1", "delete"),
        ] {
            try Data(Self.resource(name, partitions, retention, policy).utf8)
                .write(to: URL(fileURLWithPath: "\(folder)/\(name).yaml"))
        }
        let verified = try await program.run("topics", "verify", "--topics", folder, "--json")
        #expect(verified.status == 3)
        let found = try Set(
            verified.lines.map { line in
                let read = try fields(line)
                return "\(read["topic"] as? String ?? "") \(read["field"] as? String ?? "")"
            })
        #expect(
            found == [
                "torghut.quotes.v1 retention.ms", "torghut.account.v1 cleanup.policy",
                "torghut.trade-updates.v1 partitions", "torghut.control.v1 partitions", "torghut.new.v1 missing",
            ])
        let applied = try await program.run("topics", "apply", "--topics", folder)
        #expect(applied.status == 3 && applied.err.contains("needs a person"))
        let left = try await program.run("topics", "verify", "--topics", folder)
        #expect(left.status == 3 && left.lines.count == 2)
        #expect(try await program.run("topics", "verify", "--topics", "nowhere").status == 1)
    }

    private static func resource(_ name: String, _ partitions: Int, _ retention: String, _ policy: String) -> String {
        """
        apiVersion: kafka.strimzi.io/v1beta2
        kind: KafkaTopic
        metadata:
          name: \(name)
          labels:
            strimzi.io/cluster: kafka
          annotations:
            torghut/key: symbol
        spec:
          topicName: \(name)
          partitions: \(partitions)
          replicas: 3
          config:
            retention.ms: \(retention)
            cleanup.policy: \(policy)

        """
    }
}
