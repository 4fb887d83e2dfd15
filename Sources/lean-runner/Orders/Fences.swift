import Core
import Domain
import HTTPServer

/// Until when, and for whom, a request may still make an order.
struct Fences: Sendable {
    let deadline: Timestamp?
    let epoch: Int64?
    let scope: String

    static let maximumScopeBytes = 256

    static func read(_ call: RunnerCall, longest: Duration) throws(RunnerFault) -> Fences {
        var deadline: Timestamp?
        if let text = call.request.header("X-Torghut-Deadline").map(RunnerCall.trimmed) {
            do { deadline = try Timestamp(text) } catch { throw .invalid("X-Torghut-Deadline is no time: \(error)") }
        }
        // What a key is forgotten by must be longer than a late copy of its request can live.
        if let deadline, deadline.since(call.receivedAt) > longest {
            throw .invalid("X-Torghut-Deadline is more than \(longest.components.seconds) s ahead")
        }
        var epoch: Int64?
        if let text = call.request.header("X-Torghut-Epoch").map(RunnerCall.trimmed) {
            epoch = Int64(text)
            guard let epoch, epoch >= 0 else { throw .invalid("X-Torghut-Epoch is no number") }
        }
        let scope = call.request.header("X-Torghut-Epoch-Scope").map(RunnerCall.trimmed) ?? ""
        guard scope.utf8.count <= maximumScopeBytes else {
            throw .invalid("X-Torghut-Epoch-Scope has at most \(maximumScopeBytes) bytes")
        }
        return Fences(deadline: deadline, epoch: epoch, scope: scope)
    }
}

extension RunnerFault {
    static let deadlinePassed = RunnerFault(
        410, .notSent, code: "deadline_passed", detail: "the deadline has passed", taxonomy: .deadlinePassed)
    static let staleEpoch = RunnerFault(
        409, .notSent, code: "stale_epoch", detail: "a newer epoch was seen", taxonomy: .staleEpoch)
    static let voided = RunnerFault(
        409, .notSent, code: "voided", detail: "the key is void: it was not submitted and never will be",
        taxonomy: .voided)
    static let killed = RunnerFault(
        503, .notSent, code: "kill_switch", detail: "the kill switch is engaged", taxonomy: .killed)
    static let conflict = RunnerFault(
        409, .unknown, code: "idempotency_conflict", detail: "the key was used with another body", taxonomy: .conflict)
    static let inFlight = RunnerFault(
        409, .unknown, code: "in_flight", detail: "a request of this key is on its way", taxonomy: .inFlight)
    static let full = RunnerFault(
        503, .notSent, code: "ledger_full", detail: "the ledger remembers as many keys as it may", taxonomy: .ledger)
}
