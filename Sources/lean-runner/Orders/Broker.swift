import Adapters
import Core
import Domain

/// The runner's two ways to the broker: orders that hang must not keep a cancel or a question waiting.
struct Broker: Sendable {
    let orders: AlpacaAdapter
    let questions: AlpacaAdapter
    private let time: any TimeSource
    private let timeout: Duration

    init(_ settings: RunnerSettings.Broker, time: any TimeSource) {
        self.time = time
        timeout = settings.timeout
        let limits = AdapterLimits().bounded(by: settings.timeout, concurrency: settings.concurrency)
        let alpaca = AlpacaSettings(
            address: settings.address, keyID: settings.keyID ?? Secret(""), secretKey: settings.secretKey ?? Secret(""),
            limits: limits)
        orders = AlpacaAdapter(alpaca, time: time)
        questions = AlpacaAdapter(alpaca, time: time)
    }

    /// A call that ends by the caller's deadline, and within the broker's limit.
    func terms(
        _ correlation: CorrelationID, in trace: CallTrace? = nil, until deadline: Timestamp? = nil,
        departure: (any Departure)? = nil
    ) -> CallTerms {
        let own = time.now().advanced(by: timeout) ?? .latest
        var terms = CallTerms(
            correlationID: correlation, deadline: min(own, deadline ?? .latest), departure: departure)
        (terms.trace, terms.traceState) = (trace?.context, trace?.state)
        return terms
    }
}

extension RunnerFault.Taxonomy {
    init(_ taxonomy: FailureTaxonomy) {
        switch taxonomy {
        case .timeout: self = .timeout
        case .deadlinePassed: self = .timeout
        case .networkError, .connectRefused, .interrupted: self = .network
        case .authRejected: self = .upstreamAuth
        case .rateLimited: self = .rateLimited
        case .brokerRejected: self = .brokerRejected
        case .staleEpoch: self = .staleEpoch
        case .http4xx, .http5xx, .contractViolation, .invalidJSON, .unknownError: self = .upstream
        }
    }
}

extension RunnerFault {
    /// A question that the broker did not answer.
    static func unanswered(_ operation: Operation, _ taxonomy: FailureTaxonomy, _ call: CallRecord) -> RunnerFault {
        .failed(
            operation, Taxonomy(taxonomy), call.reply.reason?.text ?? taxonomy.rawValue, code: "broker_unavailable")
    }

    static let orderNotFound = RunnerFault(
        404, nil, code: "order_not_found", detail: "order_not_found", taxonomy: .notFound)

    /// Nothing proves what became of it.
    static func unknown(_ operation: Operation, _ taxonomy: Taxonomy, _ message: String) -> RunnerFault {
        .failed(operation, taxonomy, message, outcome: .unknown, code: "broker_unknown")
    }

    static func rejected(_ operation: Operation, _ call: CallRecord) -> RunnerFault {
        var more: [Document.Field] = []
        if let status = call.reply.httpStatus { more.append(Document.Field("broker_status", .integer(status))) }
        if let code = call.reply.code { more.append(Document.Field("broker_code", .string(code.text))) }
        let reason = call.reply.reason?.text ?? "rejected by the broker"
        return RunnerFault(
            422, .rejected, code: "broker_rejected",
            detail: "lean_\(operation.rawValue)_failed:broker_rejected:\(reason)", taxonomy: .brokerRejected,
            more: more)
    }
}
