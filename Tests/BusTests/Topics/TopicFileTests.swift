import Bus
import Core
import Domain
import Foundation
import Testing

@Suite struct `Reading topic files` {
    private static let good = """
        apiVersion: kafka.strimzi.io/v1beta2
        kind: KafkaTopic
        metadata:
          name: torghut.x.v1
          labels:
            strimzi.io/cluster: kafka
          annotations:
            torghut/key: symbol
        spec:
          topicName: torghut.X.v1
          partitions: 3
          replicas: 3
          config:
            cleanup.policy: compact,delete
            retention.ms: 1000
        """

    @Test func `one object becomes one topic`() throws {
        let topics = try TopicFile.parse(Array(Self.good.utf8), file: "x.yaml")
        let topic = try #require(topics.first)
        #expect(topics.count == 1)
        #expect(
            topic.spec
                == TopicSpec(
                    name: "torghut.X.v1", partitions: 3, retentionMilliseconds: 1000, cleanup: .compactAndDelete))
        #expect(topic.resource == "torghut.x.v1" && topic.cluster == "kafka" && topic.key == .symbol)
        #expect(topic.settings == ["cleanup.policy": "compact,delete", "retention.ms": "1000"])
    }

    @Test func `retention of -1 keeps forever`() throws {
        let text = Self.good.replacing("retention.ms: 1000", with: "retention.ms: -1")
        #expect(try TopicFile.parse(Array(text.utf8), file: "x").first?.spec.retentionMilliseconds == nil)
    }

    @Test(
        arguments: [
            ("partitions: 3", "partitions: 0", 11, "spec.partitions"),
            ("partitions: 3", "partitions: \"3\"", 11, "spec.partitions"),
            ("partitions: 3", "partitons: 3", 11, "spec.partitons"),
            ("retention.ms: 1000", "retention.ms: 7d", 15, "spec.config.retention.ms"),
            ("retention.ms: 1000", "retention.ms: -2", 15, "spec.config.retention.ms"),
            ("compact,delete", "compcat", 14, "spec.config.cleanup.policy"),
            ("name: torghut.x.v1", "name: torghut_x", 4, "metadata.name"),
            ("name: torghut.x.v1", "name: .torghut", 4, "metadata.name"),
            ("torghut.X.v1", "torghut/X", 10, "spec.topicName"),
            ("torghut/key: symbol", "torghut/key: size", 8, "metadata.annotations.torghut/key"),
            ("strimzi.io/cluster", "strimzi.io/cluser", 6, "metadata.labels.strimzi.io/cluster"),
            ("kind: KafkaTopic", "kind: KafkaUser", 2, "kind"),
            ("v1beta2", "v1", 1, "apiVersion"),
        ] as [(String, String, Int, String)])
    func `a fault is named by file, line and field`(old: String, new: String, line: Int, field: String) {
        let text = Self.good.replacing(old, with: new)
        let error = #expect(throws: TopicFileError.self) { try TopicFile.parse(Array(text.utf8), file: "x.yaml") }
        #expect(error?.file == "x.yaml")
        #expect(error?.line == line)
        #expect(error?.field == field)
    }

    @Test func `text that is not YAML is named by file and line`() {
        let error = #expect(throws: TopicFileError.self) {
            try TopicFile.parse(Array("kind: KafkaTopic\nspec: [".utf8), file: "x.yaml")
        }
        #expect(error?.line == 3 || error?.line == 2)
        #expect(throws: TopicFileError.self) { try TopicFile.parse([], file: "empty.yaml") }
    }

    @Test func `a topic in two files is refused, and so is an empty folder`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "topics-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        #expect(throws: TopicFileError.self) { try TopicFiles.read(folder: folder.path) }
        try Data(Self.good.utf8).write(to: folder.appending(path: "a.yaml"))
        try Data("not read".utf8).write(to: folder.appending(path: "notes.txt"))
        #expect(try TopicFiles.read(folder: folder.path).map(\.spec.name) == ["torghut.X.v1"])
        try Data(Self.good.utf8).write(to: folder.appending(path: "b.yaml"))
        let error = #expect(throws: TopicFileError.self) { try TopicFiles.read(folder: folder.path) }
        #expect(error?.field == "spec.topicName")
        #expect(throws: TopicFileError.self) { try TopicFiles.read(folder: folder.path + "/absent") }
    }
}

@Suite struct `The topic files of the house` {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../topics")
        .path

    @Test func `say what the catalog says, in every field`() throws {
        let files = try TopicFiles.read(folder: Self.folder)
        #expect(files.map(\.spec.name) == TopicCatalog.all.map(\.name).sorted())
        for file in files {
            let topic = try #require(TopicCatalog.topic(named: file.spec.name), "\(file.file) is not in the catalog")
            #expect(file.spec == topic.spec)
            #expect(file.key == topic.key)
            #expect(file.replicas == CatalogTopic.replicas)
            #expect(file.settings == Dictionary(uniqueKeysWithValues: topic.settings.map { ($0.name, $0.value) }))
            #expect(file.resource == topic.name)
            #expect(file.cluster == "kafka")
            #expect(file.file.hasSuffix("/\(topic.name).yaml"))
        }
    }
}
