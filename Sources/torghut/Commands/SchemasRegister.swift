import HTTPClient
import Schemas
import Threading

/// Brings the schemas of every topic into a registry.
enum SchemasRegister {
    static let command = Command(
        "schemas register", "register the schemas of every topic at a registry with Confluent's interface",
        details: """
            The subject of a topic is TOPIC-value; its schema takes any of the topic's events. Every subject is tried,
            and any that is refused (409: incompatible there, 422: no schema there) makes the command fail.
            """,
        options: [
            .valued("url", "URL", "the registry; https, or http on this machine"),
            .valued("topic", "TOPIC", "only this one"),
            .valued("ca", "FILE", "trust these authorities (PEM) instead of the machine's"),
            .valued("timeout", "TIME", "for each request, as in 500ms or 90s; default 30s"),
            .switched("plain-http", "allow http to another machine"),
            .switched("dry-run", "say what would be registered, and ask nobody"),
        ]
    ) { invocation in
        let url = try invocation.required("url")
        var subjects = SubjectSchema.all
        if let topic = invocation.value("topic") {
            subjects = subjects.filter { $0.subject == topic + "-value" }
            guard !subjects.isEmpty else { throw UsageError("there are no schemas for a topic '\(topic)'") }
        }
        let trust = HTTPTrust(
            authorities: invocation.value("ca"), plainBeyondLoopback: invocation.has("plain-http"))
        let limits = HTTPLimits(totalTimeout: try invocation.duration("timeout") ?? HTTPLimits().totalTimeout)
        return try await RegisterSession(url, limits, trust).run(
            subjects, dry: invocation.has("dry-run"), json: invocation.json)
    }
}

private actor RegisterSession {
    private nonisolated let executor = BlockingExecutor("schemas.register")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let url: String
    private let limits: HTTPLimits
    private let trust: HTTPTrust

    init(_ url: String, _ limits: HTTPLimits, _ trust: HTTPTrust) {
        self.url = url
        self.limits = limits
        self.trust = trust
    }

    func run(_ subjects: [SubjectSchema], dry: Bool, json: Bool) throws -> ExitCode {
        var registry = SchemaRegistry(url, limits: limits, trust: trust)
        var listing = Listing("subject", "bytes", "id", "result")
        var failures: [String] = []
        for subject in subjects {
            let bytes = Int64(SchemaRegistry.body(of: subject).count)
            guard !dry else {
                listing.add(.text(subject.subject), .number(bytes), .none, .text("would be registered"))
                continue
            }
            do {
                let number = try registry.register(subject)
                listing.add(.text(subject.subject), .number(bytes), .number(Int64(number)), .text("registered"))
            } catch {
                failures.append("\(subject.subject): \(error)")
                listing.add(.text(subject.subject), .number(bytes), .none, .text(error.description))
                if case .unanswered(.address(let what)) = error { throw UsageError(what) }
                // Nobody answers: the others would only wait as long again.
                if case .unanswered = error { break }
            }
        }
        try listing.print(json: json)
        for failure in failures { StandardError.line("torghut: \(failure)") }
        return failures.isEmpty ? .ok : .failure
    }
}
