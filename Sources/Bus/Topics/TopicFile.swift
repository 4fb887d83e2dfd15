public import Core
public import Domain
internal import YAML

/// One Strimzi `KafkaTopic`: what a file under `topics/` says.
public struct TopicFile: Sendable, Equatable {
    public let file: String
    /// The name of the Kubernetes object.
    public let resource: String
    /// The Kafka cluster it belongs to.
    public let cluster: String
    public let key: CatalogTopic.Key
    public let spec: TopicSpec
    public let replicas: Int32
    /// `spec.config`, as text.
    public let settings: [String: String]

    /// Every object of one file.
    public static func parse(_ bytes: [UInt8], file: String) throws(TopicFileError) -> [TopicFile] {
        let documents: [YAMLNode]
        do throws(YAMLError) {
            documents = try YAMLDocuments.parse(bytes)
        } catch {
            throw TopicFileError(file: file, line: error.line, field: nil, reason: "\(error)")
        }
        guard !documents.isEmpty else {
            throw TopicFileError(file: file, line: 1, field: nil, reason: "the file holds no KafkaTopic")
        }
        var topics: [TopicFile] = []
        for document in documents { topics.append(try TopicFile(Reader(node: document, file: file, path: ""))) }
        return topics
    }

    private init(_ root: TopicFile.Reader) throws(TopicFileError) {
        try root.only(["apiVersion", "kind", "metadata", "spec"])
        try root.field("apiVersion").equals("kafka.strimzi.io/v1beta2")
        try root.field("kind").equals("KafkaTopic")
        let metadata = try root.field("metadata")
        try metadata.only(["name", "labels", "annotations"])
        let wanted = try root.field("spec")
        try wanted.only(["topicName", "partitions", "replicas", "config"])
        let config = try wanted.field("config")

        file = root.file
        resource = try metadata.field("name").resourceName()
        cluster = try metadata.field("labels").field("strimzi.io/cluster").text()
        key = try metadata.field("annotations").field("torghut/key").choice(CatalogTopic.Key.self)
        replicas = try wanted.field("replicas").positive()
        settings = try config.texts()
        spec = TopicSpec(
            name: try wanted.field("topicName").topicName(),
            partitions: try wanted.field("partitions").positive(),
            retentionMilliseconds: try config.field("retention.ms").retention(),
            cleanup: try config.field("cleanup.policy").choice(TopicSpec.Cleanup.self))
    }
}

/// What is wrong in a topic file, and where.
public struct TopicFileError: Error, Equatable, Sendable, CustomStringConvertible {
    public let file: String
    public let line: Int
    /// The path of the field (`spec.config.retention.ms`), when it is about one.
    public let field: String?
    public let reason: String

    public var description: String {
        if let field { "\(file):\(line): \(field): \(reason)" } else { "\(file):\(line): \(reason)" }
    }
}
