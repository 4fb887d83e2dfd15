import Bus
import Core
import Runtime

/// Makes the topics what they are meant to be, without ever taking partitions or records away by itself.
enum TopicsApply {
    static let command = Command(
        "topics apply", "create missing topics, and bring retention and cleanup in line",
        details: """
            Never takes partitions away, and never adds any to a topic that is kept forever: what needs a person is
            named, and ends in exit code 3. Makes the journal when there is none.
            """,
        options: [TopicComparison.option], answerNo: "applied, and something is left that needs a person"
    ) { invocation in
        try await OpenedLog.using(invocation.settings(), to: .administer) { opened in
            let plan = try await TopicComparison.plan(invocation, opened.log)
            try await plan.apply(to: opened.log)
            var listing = Listing("action", "topic", "partitions")
            for action in plan.actions {
                let (word, spec) = action.described
                listing.add(
                    .text(word == "create" ? "created" : "adjusted"), .text(spec.name), .number(Int64(spec.partitions)))
            }
            if invocation.json || !plan.actions.isEmpty { try listing.print(json: invocation.json) }
            if plan.actions.isEmpty { StandardError.line("nothing to do") }
            for difference in plan.unresolved { StandardError.line("needs a person: \(difference)") }
            return plan.unresolved.isEmpty ? .ok : .no
        }
    }
}
