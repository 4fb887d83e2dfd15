public import Core

/// What stands between the topics as they are meant to be and as they are, and what `apply` would do about it.
///
/// Nothing here takes partitions away, and nothing adds any to a topic that is kept forever: its keys would move.
public struct TopicPlan: Sendable, Equatable {
    /// One thing that is not as it is meant to be; its description names topic and field.
    public enum Difference: Sendable, Hashable {
        case missing(topic: String)
        case tooFewPartitions(topic: String, wanted: Int32, found: Int32)
        /// Too few in a topic that is kept forever: reported, never applied.
        case partitionsFrozen(topic: String, wanted: Int32, found: Int32)
        /// More than meant, which only deleting the topic could change: reported, never applied.
        case tooManyPartitions(topic: String, wanted: Int32, found: Int32)
        case retention(topic: String, wanted: String, found: String)
        case cleanupPolicy(topic: String, wanted: String, found: String)
        /// The engine does not tell this setting, so nobody knows whether it is right.
        case notReported(topic: String, setting: String)
    }

    public enum Action: Sendable, Hashable {
        case create(TopicSpec)
        /// Carries the number of partitions that the topic shall have, which is never below what it has.
        case adjust(TopicSpec)
    }

    public let differences: [Difference]
    public let actions: [Action]

    /// Topics that the specifications do not name are not looked at: a cluster may be shared.
    public init(_ specs: [TopicSpec], found: [TopicDescription]) {
        let described = Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var differences: [Difference] = []
        var actions: [Action] = []
        for spec in specs {
            guard let topic = described[spec.name] else {
                differences.append(.missing(topic: spec.name))
                actions.append(.create(spec))
                continue
            }
            let different = Self.partitions(spec, topic) + Self.settings(spec, topic)
            differences += different
            guard different.contains(where: \.isApplied) else { continue }
            let partitions =
                spec.retentionMilliseconds == nil ? topic.partitions : max(spec.partitions, topic.partitions)
            actions.append(
                .adjust(
                    TopicSpec(
                        name: spec.name, partitions: partitions, retentionMilliseconds: spec.retentionMilliseconds,
                        cleanup: spec.cleanup)))
        }
        self.differences = differences
        self.actions = actions
    }

    public var isEmpty: Bool { differences.isEmpty }

    /// What stays different after `apply`, and needs a person.
    public var unresolved: [Difference] { differences.filter { !$0.isApplied } }

    /// Carries the actions out: all missing topics in one call, then each adjustment.
    public func apply(to log: any TopicAdministration) async throws(LogError) {
        var missing: [TopicSpec] = []
        for case .create(let spec) in actions { missing.append(spec) }
        if !missing.isEmpty { try await log.create(missing) }
        for case .adjust(let spec) in actions { try await log.adjust(spec) }
    }

    private static func partitions(_ spec: TopicSpec, _ topic: TopicDescription) -> [Difference] {
        let (name, wanted, found) = (spec.name, spec.partitions, topic.partitions)
        if found > wanted { return [.tooManyPartitions(topic: name, wanted: wanted, found: found)] }
        if found == wanted { return [] }
        guard spec.retentionMilliseconds == nil else {
            return [.tooFewPartitions(topic: name, wanted: wanted, found: found)]
        }
        return [.partitionsFrozen(topic: name, wanted: wanted, found: found)]
    }

    private static func settings(_ spec: TopicSpec, _ topic: TopicDescription) -> [Difference] {
        var differences: [Difference] = []
        let retention = String(spec.retentionMilliseconds ?? -1)
        if let found = topic.settings["retention.ms"] {
            if found != retention {
                differences.append(.retention(topic: spec.name, wanted: retention, found: found))
            }
        } else {
            differences.append(.notReported(topic: spec.name, setting: "retention.ms"))
        }
        if let found = topic.settings["cleanup.policy"] {
            // Kafka gives the words in any order.
            if policies(found) != policies(spec.cleanup.rawValue) {
                differences.append(.cleanupPolicy(topic: spec.name, wanted: spec.cleanup.rawValue, found: found))
            }
        } else {
            differences.append(.notReported(topic: spec.name, setting: "cleanup.policy"))
        }
        return differences
    }

    private static func policies(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init))
    }
}

extension TopicPlan.Difference {
    /// Whether `apply` ends it.
    public var isApplied: Bool {
        switch self {
        case .missing, .tooFewPartitions, .retention, .cleanupPolicy: true
        case .partitionsFrozen, .tooManyPartitions, .notReported: false
        }
    }

    public var topic: String {
        switch self {
        case .missing(let topic), .tooFewPartitions(let topic, _, _), .partitionsFrozen(let topic, _, _),
            .tooManyPartitions(let topic, _, _), .retention(let topic, _, _), .cleanupPolicy(let topic, _, _),
            .notReported(let topic, _):
            topic
        }
    }

    /// The word `verify` names the difference by.
    public var field: String {
        switch self {
        case .missing: "missing"
        case .tooFewPartitions, .partitionsFrozen, .tooManyPartitions: "partitions"
        case .retention: "retention.ms"
        case .cleanupPolicy: "cleanup.policy"
        case .notReported(_, let setting): setting
        }
    }
}

extension TopicPlan.Difference: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let topic): "\(topic): missing"
        case .tooFewPartitions(let topic, let wanted, let found):
            "\(topic): partitions is \(found), wanted \(wanted)"
        case .partitionsFrozen(let topic, let wanted, let found):
            "\(topic): partitions is \(found), wanted \(wanted); kept forever, so they are never raised: keys would "
                + "move. Make a new version of the topic"
        case .tooManyPartitions(let topic, let wanted, let found):
            "\(topic): partitions is \(found), wanted \(wanted); partitions are never taken away"
        case .retention(let topic, let wanted, let found): "\(topic): retention.ms is \(found), wanted \(wanted)"
        case .cleanupPolicy(let topic, let wanted, let found):
            "\(topic): cleanup.policy is \(found), wanted \(wanted)"
        case .notReported(let topic, let setting): "\(topic): \(setting) is not reported by this log"
        }
    }
}
