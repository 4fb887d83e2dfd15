import Bus
import Core
import Domain
import Runtime

/// What the three commands that compare topics have in common.
enum TopicComparison {
    static let option = CommandOption.valued(
        "topics", "FOLDER", "take the topics from these Strimzi KafkaTopic files instead of the catalog in the program")

    static func specs(_ invocation: Invocation) throws -> [TopicSpec] {
        guard let folder = invocation.value(option.name) else { return TopicCatalog.specs }
        return try TopicFiles.read(folder: folder).map(\.spec)
    }

    static func plan(_ invocation: Invocation, _ log: any EventLog) async throws -> TopicPlan {
        TopicPlan(try specs(invocation), found: try await log.describe())
    }

    static func print(_ differences: [TopicPlan.Difference], json: Bool) throws {
        var listing = Listing("topic", "field", "applied", "difference")
        for difference in differences {
            listing.add(
                .text(difference.topic), .text(difference.field), .flag(difference.isApplied),
                .text(difference.description))
        }
        if json {
            try listing.print(json: true)
        } else {
            for difference in differences { try StandardOutput().line(difference.description) }
        }
    }
}

enum TopicsPlan {
    static let command = Command(
        "topics plan", "say what 'topics apply' would do", details: "Changes nothing.",
        options: [TopicComparison.option]
    ) { invocation in
        try await OpenedLog.using(invocation.settings(), to: .inspect) { opened in
            let plan = try await TopicComparison.plan(invocation, opened.log)
            var listing = Listing("action", "topic", "partitions", "retention_ms", "cleanup_policy")
            for action in plan.actions {
                let (word, spec) = action.described
                listing.add(
                    .text(word), .text(spec.name), .number(Int64(spec.partitions)),
                    .number(spec.retentionMilliseconds ?? -1), .text(spec.cleanup.rawValue))
            }
            if invocation.json || !plan.actions.isEmpty { try listing.print(json: invocation.json) }
            if plan.actions.isEmpty { StandardError.line("nothing to do") }
            for difference in plan.unresolved { StandardError.line("needs a person: \(difference)") }
            return .ok
        }
    }
}

extension TopicPlan.Action {
    var described: (word: String, spec: TopicSpec) {
        switch self {
        case .create(let spec): ("create", spec)
        case .adjust(let spec): ("adjust", spec)
        }
    }
}
