import Foundation
import TestSupport
import Testing

@Suite struct `Schemas from the command line` {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL.path()

    private let program: Program

    init() throws { program = try Program(Ground()) }

    /// The example of a schema as one line, with one field put in place of another.
    private func example(of type: String, changing field: String? = nil, to value: Any? = nil) async throws -> String {
        let shown = try await program.run("schemas", "show", type, "--json")
        try #require(shown.status == 0, "\(shown.err)")
        let schema = try #require(JSONSerialization.jsonObject(with: Data(shown.out)) as? [String: Any])
        var event = try #require((schema["examples"] as? [[String: Any]])?.first)
        if let field { event[field] = value }
        return String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self)
    }

    @Test func `are listed and shown`() async throws {
        let listed = try await program.run("schemas", "list", "--json")
        #expect(listed.status == 0 && listed.lines.count >= 61)
        let first = try fields(listed.lines[0])
        #expect(first["type"] as? String == "decision.recorded" && first["compatibility"] as? String == "BACKWARD")
        let shown = try await program.run("schemas", "show", "control.flag_changed")
        #expect(shown.status == 0)
        let committed = Self.repository + "/schemas/control.flag_changed.v1.schema.json"
        #expect(Data(shown.out) == FileManager.default.contents(atPath: committed))
        let unknown = try await program.run("schemas", "show", "control.flag_chnged")
        #expect(unknown.status == 2 && unknown.err.contains("did you mean control.flag_changed?"))
        #expect(try await program.run("schemas", "show", "control.flag_changed", "--version", "9").status == 2)
        #expect(try await program.run("schemas", "show").status == 2)
    }

    @Test func `each line that is no event of the topic is named, with the path of the fault`() async throws {
        let topic = "torghut.lean.shadow.v1"
        let good = try await example(of: "shadow.failed")
        let valid = try await program.run("schemas", "validate", "--topic", topic, input: good + "\n" + good + "\n")
        #expect(valid.status == 0 && valid.out.isEmpty && valid.err.contains("2 lines, 0 of them"))
        let lines = [
            good, try await example(of: "shadow.failed", changing: "seq", to: "7"), "{\"event_type\":",
            try await example(of: "shadow.failed", changing: "symbol", to: nil), "[]",
            try await example(of: "shadow.failed", changing: "version", to: 2),
            try await example(of: "control.flag_changed"),
        ]
        let judged = try await program.run(
            "schemas", "validate", "--topic", topic, "--json", input: lines.joined(separator: "\n"))
        #expect(judged.status == 3)
        let found = try judged.lines.map { line in
            let read = try fields(line)
            return "\(read["line"] as? Int ?? 0) \(read["path"] as? String ?? "")"
        }
        #expect(found == ["2 $.seq", "3 $", "4 $.symbol", "5 $", "6 $.version", "7 $.event_type"])
        #expect(try await program.run("schemas", "validate", "--topic", "torghut.quotes.v1").status == 2)
        #expect(try await program.run("schemas", "validate", "--topic", "nowhere").status == 2)
    }

    /// Changes one file of a copy, as if it had been that way before.
    private func planted(_ name: String, _ change: (String) -> String) async throws -> Program.Output {
        let folder = program.ground.folder + "/earlier"
        if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
        #expect(try await program.run("schemas", "write", "--to", folder).status == 0)
        let path = "\(folder)/\(name).schema.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = change(text)
        #expect(changed != text)
        try changed.write(toFile: path, atomically: true, encoding: .utf8)
        return try await program.run("schemas", "check", "--against", folder, "--json")
    }

    @Test func `a check finds each planted change by name, and lets an optional field pass`() async throws {
        for (rule, name, change, from, to) in [
            (
                "BACKWARD", "shadow.failed.v1", "field removed", "\"attempt\": {",
                "\"planted\": {\"type\": \"string\"}, \"attempt\": {"
            ),
            ("BACKWARD", "shadow.failed.v1", "enum narrowed", "\"queue_full\",", "\"queue_full\", \"planted\","),
            ("BACKWARD", "shadow.failed.v1", "became required", "\"decision_hash\",\n", ""),
            ("FULL", "control.flag_changed.v1", "type changed", "\"type\": \"integer\"", "\"type\": \"boolean\""),
            ("FORWARD", "heartbeat.recorded.v1", "pattern changed", "[0-9a-f]{12}", "[0-9a-f]{13}"),
        ] {
            let found = try await planted(name) { text in
                guard let place = text.range(of: from) else { return text }
                return text.replacingCharacters(in: place, with: to)
            }
            #expect(found.status == 3 && found.lines.count == 1, "\(change): \(found.text)\(found.err)")
            let read = try fields(found.lines.first ?? "{}")
            #expect((read["change"] as? String)?.hasPrefix(change) == true && read["schema"] as? String == name)
            #expect(read["rule"] as? String == rule)
        }
        // A field that was not there before, and need not be there now.
        let optional = try await planted("shadow.failed.v1") { text in
            let start = text.range(of: "        \"http_status\": {")
            let end = text.range(of: "        \"reason\": {")
            guard let start, let end else { return text }
            return text.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: "")
        }
        #expect(optional.status == 0 && optional.out.isEmpty, "\(optional.text)\(optional.err)")
    }

    @Test func `a check reads a revision through git`() async throws {
        let folder = program.ground.folder
        func git(_ arguments: String...) throws {
            let judged = try Judge.run(
                "git", ["-C", folder, "-c", "user.name=test", "-c", "user.email=test@localhost"] + arguments)
            try #require(judged.status == 0, "\(judged.errors)")
        }
        try git("init", "--quiet")
        #expect(try await program.run("schemas", "write").status == 0)
        try git("add", "schemas")
        try git("commit", "--quiet", "--message", "first")
        #expect(try await program.run("schemas", "check", "--against", "HEAD").status == 0)
        let path = folder + "/schemas/shadow.failed.v1.schema.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing("\"queue_full\",", with: "\"queue_full\", \"planted\",")
            .write(toFile: path, atomically: true, encoding: .utf8)
        try git("commit", "--quiet", "--all", "--message", "second")
        let broken = try await program.run("schemas", "check", "--against", "HEAD")
        #expect(broken.status == 3 && broken.text.contains("enum narrowed: \"planted\" is gone"))
        #expect(try await program.run("schemas", "check", "--against", "HEAD~1").status == 0)
        #expect(try await program.run("schemas", "check", "--against", "no-such-revision").status == 1)
        #expect(try await program.run("schemas", "check", "--against=--output=/tmp/x").status == 2)
        #expect(try await program.run("schemas", "check").status == 2)
    }

    @Test func `a release is written once, and holds only what is new`() async throws {
        let folder = program.ground.folder + "/schemas/released"
        #expect(try await program.run("schemas", "release", "1").status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/1").count >= 61)
        let again = try await program.run("schemas", "release", "2")
        #expect(again.status == 0 && again.err.contains("every schema is released"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/2"))
        // One is missing from the first release: it is new, and its release may not be called 1 again.
        try FileManager.default.removeItem(atPath: folder + "/1/shadow.failed.v1.schema.json")
        let taken = try await program.run("schemas", "release", "1")
        #expect(taken.status == 1 && taken.err.contains("never overwritten"))
        #expect(try await program.run("schemas", "release", "2").status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/2") == ["shadow.failed.v1.schema.json"])
        // What breaks an earlier release is not released.
        let path = folder + "/2/shadow.failed.v1.schema.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing("\"queue_full\",", with: "\"queue_full\", \"planted\",")
            .write(toFile: path, atomically: true, encoding: .utf8)
        let broken = try await program.run("schemas", "release", "3")
        #expect(broken.status == 3 && broken.text.contains("enum narrowed"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/3"))
        #expect(try await program.run("schemas", "release", "../4").status == 2)
    }

    @Test func `a registry gets a subject for each topic, and its refusals are failures`() async throws {
        let server = try RegistryServer()
        let done = try await program.run("schemas", "register", "--url", server.address("ok"), "--json")
        #expect(done.status == 0 && done.lines.count == 12, "\(done.err)")
        #expect(try fields(done.lines[0])["id"] as? Int == 7)
        let seen = try Judge.python(
            "import sys, urllib.request; print(urllib.request.urlopen(sys.stdin.read()).read().decode())",
            input: Data(server.address("seen").utf8))
        let requests = try #require(try JSONSerialization.jsonObject(with: Data(seen.output.utf8)) as? [[String: Any]])
        #expect(requests.count == 12)
        #expect(requests[0]["path"] as? String == "/ok/subjects/torghut.decisions.v1-value/versions")
        #expect(requests[0]["type"] as? String == "application/vnd.schemaregistry.v1+json")
        let body = try fields(requests[0]["body"] as? String ?? "")
        #expect(body["schemaType"] as? String == "JSON")
        let schema = try fields(body["schema"] as? String ?? "")
        #expect((schema["oneOf"] as? [Any])?.count == 1)
        for (mode, said) in [
            ("conflict", "409: Schema being registered is incompatible"), ("invalid", "422: Either the input schema"),
            ("broken", "500: Error in the backend"), ("odd", "holds no id"), ("nowhere", "404"),
        ] {
            let refused = try await program.run(
                "schemas", "register", "--url", server.address(mode), "--topic", "torghut.account.v1")
            #expect(refused.status == 1 && refused.err.contains(said), "\(mode): \(refused.err)")
        }
    }

    @Test func `a registry that is not there, hangs or may not be asked is said to be`() async throws {
        let server = try RegistryServer()
        let hanging = try await program.run(
            "schemas", "register", "--url", server.address("hang"), "--timeout", "200ms")
        #expect(hanging.status == 1 && hanging.err.contains("no answer within") && hanging.lines.count == 2)
        #expect(try await program.run("schemas", "register", "--url", "http://127.0.0.1:1/").status == 1)
        #expect(try await program.run("schemas", "register", "--url", "http://192.0.2.1/").status == 2)
        let dry = try await program.run("schemas", "register", "--url", "http://192.0.2.1/", "--dry-run", "--json")
        #expect(dry.status == 0 && dry.lines.count == 12)
        #expect(try await program.run("schemas", "register").status == 2)
    }
}
