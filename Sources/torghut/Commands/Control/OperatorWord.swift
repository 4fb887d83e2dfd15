import Commands
import Core
import Domain
import Glibc
import Runtime
import Threading

/// Who says something, and why: every order of a person carries both.
struct OperatorWord: Sendable {
    let actor: ActorName
    let reason: Prose

    static let options: [CommandOption] = [
        .valued("reason", "TEXT", "why; recorded in the event"),
        .valued("actor", "NAME", "who decides; recorded in the event"),
    ]

    init(_ invocation: Invocation) throws(UsageError) {
        let (reason, actor) = (try invocation.required("reason"), try invocation.required("actor"))
        do { self.reason = try Prose(reason) } catch { throw UsageError("--reason: \(error)") }
        do { self.actor = try ActorName(actor) } catch { throw UsageError("--actor: \(error)") }
    }

    func order(_ scope: Scope) -> ControlOrder { ControlOrder(scope: scope, actor: actor, reason: reason) }

    /// The same, for what the API does too.
    func origin() -> OperatorOrigin {
        OperatorOrigin(actor: actor, reason: reason, source: SourceName(trusted: "cli"))
    }

    /// Says on standard error what stands against it.
    static func refuse(_ refusal: OperatorRefusal) throws(UsageError) -> ExitCode {
        if refusal.kind == .words { throw UsageError(refusal.description) }
        StandardError.line("torghut: \(refusal)")
        return .no
    }

    /// Tells commands apart that are given at once.
    static var process: String { "cli/\(getpid())@\(SystemTime().now())" }

    static func desk(_ log: any EventLog) throws -> ControlDesk {
        ControlDesk(log, SystemTime(), source: try SourceName("cli"), writerName: "torghut.operator.word")
    }

    /// Reads what is in force, makes one word of it, and says it; answers where it lies, or `nil` when there was
    /// nothing to say.
    static func say(
        _ settings: Settings, _ make: @Sendable (ControlView) throws -> Control?
    ) async throws -> RecordPosition? {
        try await OpenedLog.using(settings, to: .append) { opened in
            try await desk(opened.log).say { log in try make(try await ControlView.read(log)) }
        }
    }

    /// One line for a person, or one object.
    static func print(_ said: RecordPosition?, _ text: String, json: Bool) throws {
        var listing = Listing("what", "said_at")
        listing.add(.text(text), .optional(said?.description))
        if json {
            try listing.print(json: true)
        } else {
            try StandardOutput().line(said.map { "\(text) (\($0))" } ?? text)
        }
    }
}
