import Bus
import Core
import Runtime

/// What topics there are, as the engine reports them.
enum TopicsList {
    static let command = Command("topics list", "list the topics of the log, as they are") { invocation in
        try await OpenedLog.using(invocation.settings(), to: .inspect) { opened in
            var listing = Listing("topic", "partitions", "retention_ms", "cleanup_policy", "identity")
            for topic in try await opened.log.describe().sorted(by: { $0.name < $1.name }) {
                listing.add(
                    .text(topic.name), .number(Int64(topic.partitions)), .setting(topic, "retention.ms"),
                    .setting(topic, "cleanup.policy"), topic.identity.map { .text($0) } ?? .none)
            }
            try listing.print(json: invocation.json)
            return .ok
        }
    }
}

extension Listing.Cell {
    fileprivate static func setting(_ topic: TopicDescription, _ name: String) -> Listing.Cell {
        topic.settings[name].map { Int64($0).map { .number($0) } ?? .text($0) } ?? .none
    }
}
