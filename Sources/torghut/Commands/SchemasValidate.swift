import Domain
import JSON
import Schemas
import Threading

/// Holds JSON lines against the schemas of a topic.
enum SchemasValidate {
    static let command = Command(
        "schemas validate", "hold JSON lines from standard input against the schemas of a topic",
        details: """
            Each line is one event. Its event_type and version choose the schema; what is not as the schema says is
            printed with the number of the line and the path of the field.
            """,
        options: [.valued("topic", "TOPIC", "whose events they are")],
        answerNo: "some lines are no events of this topic; each violation is printed"
    ) { invocation in
        let name = try invocation.required("topic")
        guard let topic = TopicCatalog.topic(named: name) else { throw UsageError("there is no topic '\(name)'") }
        let schemas = EventSchema.of(topic)
        guard !schemas.isEmpty else { throw UsageError("\(name) carries what others wrote, and has no schemas") }
        return try await ValidateSession(schemas, json: invocation.json).run()
    }
}

private actor ValidateSession {
    private nonisolated let executor = BlockingExecutor("schemas.validate")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let schemas: [EventSchema]
    private let json: Bool

    init(_ schemas: [EventSchema], json: Bool) {
        self.schemas = schemas
        self.json = json
    }

    func run() throws -> ExitCode {
        let judge = try TopicJudge(schemas)
        var input = LineInput()
        var failures = 0
        while case .line(let range) = try input.next(until: nil) {
            let violations = judge.violations(of: Array(input.buffer[range]))
            failures += violations.isEmpty ? 0 : 1
            for violation in violations { try print(violation, line: input.lines) }
        }
        StandardError.line("\(input.lines) lines, \(failures) of them with violations")
        return failures == 0 ? .ok : .no
    }

    private func print(_ violation: SchemaViolation, line: Int) throws {
        guard json else { return try StandardOutput().line("line \(line): \(violation)") }
        var listing = Listing("line", "path", "violation")
        listing.add(.number(Int64(line)), .text(violation.path), .text(violation.what))
        try listing.print(json: true)
    }
}
