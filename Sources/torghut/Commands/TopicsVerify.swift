import Bus
import Core
import Runtime

/// Whether the topics are what they are meant to be; changes nothing.
enum TopicsVerify {
    static let command = Command(
        "topics verify", "compare the topics with what they are meant to be",
        details: "Names each difference: missing, partitions, retention, cleanup policy.",
        options: [TopicComparison.option], answerNo: "there are differences; each is named"
    ) { invocation in
        try await OpenedLog.using(invocation.settings(), to: .inspect) { opened in
            let plan = try await TopicComparison.plan(invocation, opened.log)
            try TopicComparison.print(plan.differences, json: invocation.json)
            if plan.isEmpty { StandardError.line("every topic is as it is meant to be") }
            return plan.isEmpty ? .ok : .no
        }
    }
}
