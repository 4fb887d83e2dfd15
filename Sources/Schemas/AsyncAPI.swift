internal import Core
internal import Domain

/// The topics and their messages as an AsyncAPI 3.0 document, which refers to the schemas beside it.
public enum AsyncAPI {
    public static let fileName = "asyncapi.yaml"

    public static let document = JSONTree.object([
        .init("asyncapi", .string("3.0.0")),
        .init(
            "info",
            .object([
                .init("title", .string("Torghut")), .init("version", .string("1")),
                .init(
                    "description",
                    .string(
                        "Events of Torghut as they lie on its log. Every record is one event in JSON; readers ignore fields, "
                            + "types and versions they do not know. The partitioner is murmur2_random.")),
            ])),
        .init("defaultContentType", .string("application/json")),
        .init("channels", .object(TopicCatalog.all.map { .init($0.name, channel($0)) })),
        .init("operations", .object(TopicCatalog.all.map { .init("read." + $0.name, operation($0)) })),
        .init(
            "components",
            .object([.init("messages", .object(EventSchema.all.map { .init($0.name, message($0)) } + [foreign]))])),
    ])

    private static func channel(_ topic: CatalogTopic) -> JSONTree {
        let names = messageNames(of: topic)
        return .object([
            .init("address", .string(topic.name)),
            .init("description", .string(description(of: topic))),
            .init("messages", .object(names.map { .init($0, reference("#/components/messages/\($0)")) })),
            .init("bindings", .object([.init("kafka", binding(of: topic))])),
            .init("x-key", .string(topic.key.rawValue)),
        ])
    }

    private static func description(of topic: CatalogTopic) -> String {
        let rules = EventFamily.allCases.filter { $0.topic == topic }.map { Compatibility.of($0).rawValue }
        let kept = topic.isKeptForever ? "kept forever" : "kept for a time"
        let rule =
            rules.first.map { "its schemas change under the rule \($0)" } ?? "what lies there was written elsewhere"
        return "Keyed by \(topic.key.rawValue), \(kept); \(rule)."
    }

    private static func binding(of topic: CatalogTopic) -> JSONTree {
        let policy = topic.spec.cleanup.rawValue.split(separator: ",").map(String.init)
        return .object([
            .init("topic", .string(topic.name)),
            .init("partitions", .integer(topic.spec.partitions)),
            .init("replicas", .integer(CatalogTopic.replicas)),
            .init(
                "topicConfiguration",
                .object([
                    .init("cleanup.policy", .strings(policy)),
                    .init("retention.ms", .integer(topic.spec.retentionMilliseconds ?? -1)),
                    .init("max.message.bytes", .integer(CatalogTopic.maximumMessageBytes)),
                ])),
            .init("bindingVersion", .string("0.5.0")),
        ])
    }

    /// Seen from the house, which sends; readers receive.
    private static func operation(_ topic: CatalogTopic) -> JSONTree {
        .object([
            .init("action", .string("send")),
            .init("channel", reference("#/channels/\(topic.name)")),
            .init("summary", .string("Read \(topic.name).")),
        ])
    }

    private static func messageNames(of topic: CatalogTopic) -> [String] {
        let names = EventSchema.of(topic).map(\.name)
        return names.isEmpty ? [foreign.name] : names
    }

    private static func message(_ schema: EventSchema) -> JSONTree {
        .object([
            .init("name", .string(schema.name)),
            .init("title", .string("\(schema.type.name), version \(schema.version)")),
            .init("contentType", .string("application/json")),
            .init("headers", headers(schema)),
            .init("payload", reference("./" + schema.fileName)),
        ])
    }

    /// The binding of CloudEvents 1.0 to Kafka.
    private static func headers(_ schema: EventSchema) -> JSONTree {
        func text(_ name: String, _ value: String? = nil) -> JSONTree.Member {
            .init(
                name, .object([.init("type", .string("string"))] + (value.map { [.init("const", .string($0))] } ?? [])))
        }
        return .object([
            .init("type", .string("object")),
            .init(
                "properties",
                .object([
                    text("ce_specversion", "1.0"), text("ce_id"), text("ce_type", schema.type.name), text("ce_source"),
                    text("ce_time"), text("content-type", "application/json"), text("traceparent"),
                ])),
        ])
    }

    private static let foreign = JSONTree.Member(
        "foreign.frame",
        .object([
            .init("name", .string("foreign.frame")),
            .init("title", .string("A frame as its source sent it")),
            .init("contentType", .string("application/json")),
            .init(
                "payload",
                .object([
                    .init("type", .string("object")),
                    .init(
                        "description", .string("Envelopes of forwarders, raw frames of the broker, bare order objects.")
                    ),
                ])),
        ]))

    private static func reference(_ target: String) -> JSONTree { .object([.init("$ref", .string(target))]) }
}
