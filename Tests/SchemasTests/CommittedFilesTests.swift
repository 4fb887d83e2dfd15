import Core
import Domain
import Foundation
import Schemas
import TestSupport
import Testing

@Suite struct `The files in schemas` {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../schemas")
        .standardizedFileURL.path()

    @Test(arguments: SchemaFile.all.map(\.name))
    func `each is what the program derives, byte for byte`(name: String) throws {
        let file = try #require(SchemaFile.all.first { $0.name == name })
        let committed = try Data(contentsOf: URL(filePath: "\(Self.folder)/\(file.name)"))
        #expect(Array(committed) == file.bytes, "'torghut schemas write' brings \(file.name) up to date")
    }

    @Test func `there is none that the program does not derive`() throws {
        // Besides them the releases, and the migrations of the database.
        let known = Set(SchemaFile.all.map(\.name) + ["released", "sql"])
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: Self.folder)).subtracting(known) == [])
    }

    /// Every release counts: a reader may be as old as the first.
    @Test func `what was released is not broken by what the program has now`() throws {
        let folder = Self.folder + "/released"
        let releases = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(!releases.isEmpty)
        var released: Set<String> = []
        for release in releases {
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(release)")
            let older = SchemaSet(
                try files.map { file in
                    let text = try Data(contentsOf: URL(filePath: "\(folder)/\(release)/\(file)"))
                    let name = String(file.dropLast(EventSchema.fileEnding.count))
                    released.insert(name)
                    return (name, try JSONTree(parsing: Array(text)))
                })
            let breaks = try SchemaSet.current.breaks(since: older)
            #expect(breaks.isEmpty, "\(release): \(breaks.map { "\($0.rule.rawValue) \($0.change)" })")
        }
        print("released schemas: \(released.count) in \(releases.count) releases")
    }

    @Test func `asyncapi names every topic and event type, and each of its references leads somewhere`() throws {
        let script = """
            import os, sys, json, yaml
            folder = sys.stdin.read().strip()
            document = yaml.safe_load(open(folder + "/asyncapi.yaml"))
            assert document["asyncapi"] == "3.0.0"
            def walk(node):
                if isinstance(node, dict):
                    if "$ref" in node: yield node["$ref"]
                    for value in node.values(): yield from walk(value)
                elif isinstance(node, list):
                    for value in node: yield from walk(value)
            count = 0
            for reference in walk(document):
                count += 1
                if reference.startswith("#/"):
                    node = document
                    for part in reference[2:].split("/"): node = node[part]
                else:
                    json.load(open(os.path.join(folder, reference)))
            assert count > 100, count
            for name, channel in sorted(document["channels"].items()):
                kafka = channel["bindings"]["kafka"]
                assert channel["address"] == name and channel["messages"], name
                print("topic", name, kafka["partitions"], channel["x-key"])
            for message in sorted(document["components"]["messages"]): print("message", message)
            """
        let judged = try Judge.python(script, input: Data(Self.folder.utf8))
        try #require(judged.status == 0, "\(judged.errors)")
        let topics = TopicCatalog.all.map { "topic \($0.name) \($0.spec.partitions) \($0.key.rawValue)" }
        let messages = EventSchema.all.map { "message \($0.name)" } + ["message foreign.frame"]
        #expect(Set(judged.lines.map(String.init)) == Set(topics + messages))
    }
}
