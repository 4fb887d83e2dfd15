public import Core
public import Domain
internal import HTTPClient

/// Alpaca's Trading API v2.
public struct AlpacaAdapter: OrderAdapter {
    public var adapter: Adapter { .alpaca }
    private let settings: AlpacaSettings
    var limits: AdapterLimits { settings.limits }
    private let transport: Transport

    public init(_ settings: AlpacaSettings, time: any TimeSource) {
        self.settings = settings
        let pool = HTTPPool(lanes: settings.limits.concurrency, limits: settings.limits.http, trust: settings.trust)
        transport = Transport(pool: pool, time: time, limits: settings.limits)
    }

    func request(_ method: HTTPRequest.Method, _ path: String, body: [UInt8] = []) -> HTTPRequest {
        var headers = [
            (name: "APCA-API-KEY-ID", value: settings.keyID.reveal()),
            (name: "APCA-API-SECRET-KEY", value: settings.secretKey.reveal()),
            (name: "Accept", value: "application/json"),
        ]
        if !body.isEmpty { headers.append(("Content-Type", "application/json")) }
        return HTTPRequest(method, Escaping.base(settings.address) + path, headers: headers, body: body)
    }

    /// A call whose answer is judged, or whose failure is.
    func ask<Verdict>(
        _ request: HTTPRequest, _ call: CallTerms, failed: (Transport.Outcome) -> Verdict,
        answered: (HTTPResponse, inout CallRecord) -> Verdict
    ) async -> Answered<Verdict> {
        var (outcome, record) = await transport.call(request, call)
        guard case .answered(let response) = outcome else { return Answered(failed(outcome), record) }
        let verdict = answered(response, &record)
        return Answered(verdict, record)
    }

    public func submit(_ order: OrderSubmission, _ call: CallTerms) async -> Answered<SubmitVerdict> {
        await ask(request(.post, "/v2/orders", body: AlpacaBodies.submit(order)), call) {
            $0.verdict ?? .unknown(.unknownError)
        } answered: { response, record in
            AlpacaReplies.submitted(response, &record) { found throws(ContractBreach) in
                try SubmitContract.check(found, against: order)
            }
        }
    }

    public func replace(_ order: OrderReplacement, _ call: CallTerms) async -> Answered<SubmitVerdict> {
        let path = "/v2/orders/" + Escaping.part(order.orderID.text)
        return await ask(request(.patch, path, body: ReplacementBody.of(order)), call) {
            $0.verdict ?? .unknown(.unknownError)
        } answered: { response, record in
            AlpacaReplies.submitted(response, &record) { found throws(ContractBreach) in
                try SubmitContract.check(found, against: order)
            }
        }
    }

    /// Alpaca promises nothing about what was not sent.
    public func void(_ id: ClientOrderID, _ call: CallTerms) async -> Answered<VoidVerdict> {
        Answered(.unsupported, CallRecord())
    }

    public func lookup(clientOrderID id: ClientOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        let path = "/v2/orders:by_client_order_id?client_order_id=" + Escaping.part(id.text)
        return await ask(request(.get, path), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            let verdict = AlpacaReplies.found(response, &record)
            // Somebody else's order is no answer to our question.
            if case .found(let order) = verdict, order.clientOrderID != id {
                record.note(code: "alpaca_read_order_payload_client_order_id_mismatch")
                return .inconclusive(.contractViolation)
            }
            return verdict
        }
    }

    public func lookup(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        await ask(request(.get, "/v2/orders/" + Escaping.part(id.text)), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            let verdict = AlpacaReplies.found(response, &record)
            if case .found(let order) = verdict, order.id != id {
                record.note(code: "alpaca_read_order_payload_id_mismatch")
                return .inconclusive(.contractViolation)
            }
            return verdict
        }
    }

    public func cancel(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<CancelVerdict> {
        await ask(request(.delete, "/v2/orders/" + Escaping.part(id.text)), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            guard !(200...299).contains(response.status) else { return .requested }
            let taxonomy = AlpacaReplies.taxonomy(response, &record)
            switch (response.status, ReplyDocument.field("code", in: response.body)) {
            case (422, _): return .refused
            case (404, "40410000"): return .absent
            default: return .inconclusive(taxonomy)
            }
        }
    }

    public func cancelAll(_ call: CallTerms) async -> Answered<CancelAllVerdict> {
        await ask(request(.delete, "/v2/orders"), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: {
            AlpacaReplies.canceledAll($0, &$1)
        }
    }

    public func health(_ call: CallTerms) async -> Answered<HealthVerdict> {
        await ask(request(.get, "/v2/account"), call) {
            HealthReasons.unhealthy("alpaca_health_" + ($0.failure ?? .unknownError).rawValue)
        } answered: { response, record in
            guard response.status == 200 else {
                _ = AlpacaReplies.taxonomy(response, &record)
                if record.credentialsRefused { return .credentialsRefused }
                return HealthReasons.unhealthy("alpaca_health_http_\(response.status)")
            }
            let status = ReplyDocument.field("status", in: response.body) ?? "unknown"
            return status == "ACTIVE" ? .healthy : HealthReasons.unhealthy("alpaca_health_status_\(status)")
        }
    }
}

enum HealthReasons {
    static func unhealthy(_ reason: String) -> HealthVerdict {
        guard let code = BoundedText.code(reason) else { preconditionFailure("a reason is a code") }
        return .unhealthy(code)
    }
}
