import HTTPServer
import JSON

/// Why a request is refused or failed, in the words of the runner's contract.
struct RunnerFault: Error, Sendable {
    /// What is certain about the order that was asked for.
    enum Outcome: String, Sendable {
        case notSent = "not_sent"
        case rejected
        case unknown
    }

    /// By which kinds failures are counted; the original's words, and those it lacked.
    enum Taxonomy: String, Sendable, CaseIterable {
        case contractOrderType = "contract_invalid_order_type"
        case contractMissingField = "contract_missing_required_field"
        case contract = "contract_invalid"
        case timeout = "network_timeout"
        case network = "network_error"
        case upstreamAuth = "upstream_auth"
        case upstream = "upstream_error"
        case brokerRejected = "broker_rejected"
        case rateLimited = "rate_limited"
        case notFound = "not_found"
        case unauthorized
        case deadlinePassed = "deadline_passed"
        case staleEpoch = "stale_epoch"
        case voided
        case conflict = "idempotency_conflict"
        case inFlight = "in_flight"
        case killed = "kill_switch"
        case ledger = "ledger_unavailable"
        case busy
    }

    var status: Int
    var outcome: Outcome?
    var code: String
    var detail: String
    var taxonomy: Taxonomy
    /// Further fields of the answer.
    var more: [Document.Field] = []

    init(
        _ status: Int, _ outcome: Outcome?, code: String, detail: String, taxonomy: Taxonomy,
        more: [Document.Field] = []
    ) {
        self.status = status
        self.outcome = outcome
        self.code = code
        self.detail = detail
        self.taxonomy = taxonomy
        self.more = more
    }

    var body: Document {
        var fields: [Document.Field] = []
        if let outcome { fields.append(Document.Field("outcome", .string(outcome.rawValue))) }
        fields += [Document.Field("code", .string(code)), Document.Field("detail", .string(detail))]
        return .object(fields + more)
    }

    /// The request breaks the contract; it was not looked at further.
    static func invalid(_ problem: String) -> RunnerFault { invalid(unknown: [], [problem]) }

    static func invalid(unknown: [String], _ problems: [String]) -> RunnerFault {
        let named = unknown.isEmpty ? [] : ["unknown fields: " + unknown.joined(separator: ", ")]
        let detail = (named + problems).joined(separator: "; ")
        let isMissing = problems.contains { $0.hasSuffix("is missing") }
        let isType = problems.contains { $0.hasPrefix("order_type ") }
        return RunnerFault(
            422, .notSent, code: "contract_invalid", detail: String(detail.prefix(1_000)),
            taxonomy: isMissing ? .contractMissingField : isType ? .contractOrderType : .contract,
            more: unknown.isEmpty
                ? []
                : [Document.Field("unknown_fields", .array(unknown.prefix(64).map { .string(String($0.prefix(128))) }))]
        )
    }

    /// Another service did not do its part: the original's form, `lean_<operation>_failed:<taxonomy>:<message>`.
    static func failed(
        _ operation: Operation, _ taxonomy: Taxonomy, _ message: String, outcome: Outcome? = nil,
        code: String = "upstream_failed", status: Int = 502
    ) -> RunnerFault {
        RunnerFault(
            status, outcome, code: code,
            detail: "lean_\(operation.rawValue)_failed:\(taxonomy.rawValue):\(message.prefix(200))",
            taxonomy: taxonomy)
    }

    static func missing(_ what: String) -> RunnerFault {
        RunnerFault(404, nil, code: what, detail: what, taxonomy: .notFound)
    }
}
