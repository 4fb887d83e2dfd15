import Commands
import Core
import Domain
import Threading
import Wire

/// A named person vouches for one thing about one intent, for a while.
enum OverrideGrant {
    static let defaultExpiry: Duration = .seconds(600)

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
        let expiry = try invocation.duration("expires") ?? defaultExpiry
        guard let expiresAt = SystemTime().now().advanced(by: expiry) else { throw UsageError("--expires is too far") }
        let granted = try grant(invocation, word, until: expiresAt)
        let said = try await OperatorWord.say(try invocation.settings()) { _ in .overrideGranted(granted) }
        try OperatorWord.print(
            said, "override \(granted.kind.rawValue) until \(expiresAt)", json: invocation.json)
        return .ok
    }

    private static func grant(
        _ invocation: Invocation, _ word: OperatorWord, until end: Timestamp
    ) throws(UsageError) -> OverrideGranted {
        let name = try invocation.requiredOperand().replacing("-", with: "_")
        guard let kind = OverrideKind(rawValue: name) else {
            throw UsageError("there is no exception '\(name)'; there are: \(command.operand?.summary ?? "")")
        }
        let intent: IntentID = try uuid(invocation.required("intent"), "intent")
        let adapter = try invocation.value("adapter").map { name throws(UsageError) in
            guard let adapter = Adapter(rawValue: name), adapter == .lean || adapter == .alpaca else {
                throw UsageError("--adapter is lean or alpaca, not '\(name)'")
            }
            return adapter
        }
        if kind == .route, adapter == nil { throw UsageError("override route needs --adapter") }
        let attempt: AttemptID? = try invocation.value("attempt").map { text throws(UsageError) in
            try uuid(text, "attempt")
        }
        var order: BrokerOrderID?
        var evidence: CompactJSON?
        do {
            order = try invocation.value("alpaca-order-id").map { try BrokerOrderID($0) }
            evidence = try invocation.value("evidence").map { try CompactJSON(parsing: Array($0.utf8)) }
        } catch { throw UsageError("\(error)") }
        if kind == .attemptLive, order == nil { throw UsageError("override attempt_live needs --alpaca-order-id") }
        return OverrideGranted(
            order: word.order(.intent(intent)), kind: kind, intentID: intent, attemptID: attempt, adapter: adapter,
            alpacaOrderID: order, expiresAt: end, evidence: evidence)
    }

    private static func uuid<Kind>(_ text: String, _ option: String) throws(UsageError) -> UUID128<Kind> {
        do { return try unsafe UUID128<Kind>.read(text.utf8.span.bytes) } catch {
            throw UsageError("--\(option): \(error)")
        }
    }
}
