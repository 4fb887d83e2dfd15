import Commands
import Core
import Domain
import Runtime
import Threading
import Wire

/// A named person vouches for one thing about one intent, for a while.
enum OverrideGrant {
    static let command = Command(
        "override", "grant one exception on one intent, for a while",
        details: """
            attempt_not_live and attempt_live say what became of an attempt whose outcome nobody can prove; release_hold \
            lets a held intent go on; route sends an intent by another adapter. Each holds for this intent alone, and \
            ends by itself. No exception lets anything past the kill switch.
            """,
        options: OperatorWord.options + [
            .valued("intent", "ID", "the intent"),
            .valued("attempt", "ID", "only this attempt of it"),
            .valued("adapter", "NAME", "lean or alpaca; route needs it"),
            .valued("alpaca-order-id", "ID", "the order as the broker names it; attempt_live needs it"),
            .valued("evidence", "JSON", "what was seen; recorded in the event"),
            .valued("expires", "TIME", "how long it holds: 90s, 10m, 2h; default 10m"),
        ],
        operand: Operand(
            name: "KIND", summary: OverrideKind.allCases.map(\.rawValue).joined(separator: ", "))
    ) { invocation in
        let word = try OperatorWord(invocation)
        let draft = try draft(invocation)
        let granted: OverrideGranted
        do throws(OperatorRefusal) { granted = try draft.granted(word.origin(), at: SystemTime().now()) } catch {
            return try OperatorWord.refuse(error)
        }
        let said = try await OperatorWord.say(try invocation.settings()) { _ in .overrideGranted(granted) }
        try OperatorWord.print(
            said, "override \(granted.kind.rawValue) until \(granted.expiresAt.map { "\($0)" } ?? "-")",
            json: invocation.json)
        return .ok
    }

    private static func draft(_ invocation: Invocation) throws(UsageError) -> OverrideDraft {
        let name = try invocation.requiredOperand().replacing("-", with: "_")
        guard let kind = OverrideKind(rawValue: name) else {
            throw UsageError("there is no exception '\(name)'; there are: \(command.operand?.summary ?? "")")
        }
        var draft = OverrideDraft(kind, intent: try uuid(invocation.required("intent"), "intent"))
        draft.adapter = try invocation.value("adapter").map { name throws(UsageError) in
            guard let adapter = Adapter(rawValue: name) else {
                throw UsageError("--adapter is lean or alpaca, not '\(name)'")
            }
            return adapter
        }
        draft.attempt = try invocation.value("attempt").map { text throws(UsageError) in try uuid(text, "attempt") }
        do {
            draft.alpacaOrder = try invocation.value("alpaca-order-id").map { try BrokerOrderID($0) }
            draft.evidence = try invocation.value("evidence").map { try CompactJSON(parsing: Array($0.utf8)) }
        } catch { throw UsageError("\(error)") }
        draft.expiry = try invocation.duration("expires") ?? OverrideDraft.defaultExpiry
        return draft
    }

    private static func uuid<Kind>(_ text: String, _ option: String) throws(UsageError) -> UUID128<Kind> {
        do { return try unsafe UUID128<Kind>.read(text.utf8.span.bytes) } catch {
            throw UsageError("--\(option): \(error)")
        }
    }
}
