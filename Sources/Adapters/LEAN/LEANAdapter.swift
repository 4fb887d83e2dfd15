public import Core
public import Domain
internal import HTTPClient

/// The LEAN runner's HTTP contract.
public struct LEANAdapter: OrderAdapter {
    public var adapter: Adapter { .lean }
    private let settings: LEANSettings
    private let transport: Transport

    public init(_ settings: LEANSettings, time: any TimeSource) {
        self.settings = settings
        let pool = HTTPPool(lanes: settings.limits.concurrency, limits: settings.limits.http, trust: settings.trust)
        transport = Transport(pool: pool, time: time, limits: settings.limits)
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: String, _ call: CallTerms,
        headers more: [(name: String, value: String)] = [], body: [UInt8] = []
    ) -> HTTPRequest {
        var headers = [
            (name: "X-Correlation-ID", value: call.correlationID.text), (name: "Accept", value: "application/json"),
        ]
        if let token = settings.token { headers.append(("Authorization", "Bearer " + token.reveal())) }
        if !body.isEmpty { headers.append(("Content-Type", "application/json")) }
        return HTTPRequest(method, Escaping.base(settings.address) + path, headers: headers + more, body: body)
    }

    /// What lets the runner refuse a late or succeeded sender.
    private func fences(
        _ key: ClientOrderID, _ epoch: SenderEpoch, _ call: CallTerms
    ) -> [(name: String, value: String)] {
        var headers = [
            (name: "Idempotency-Key", value: key.text),
            (name: "X-Torghut-Deadline", value: call.deadline.description),
            (name: "X-Torghut-Epoch", value: String(epoch.number)),
        ]
        if !epoch.scope.isEmpty { headers.append(("X-Torghut-Epoch-Scope", epoch.scope)) }
        return headers
    }

    private func ask<Verdict>(
        _ request: HTTPRequest, _ call: CallTerms, failed: (Transport.Outcome) -> Verdict,
        answered: (HTTPResponse, inout CallRecord) -> Verdict
    ) async -> Answered<Verdict> {
        var (outcome, record) = await transport.call(request, call)
        guard case .answered(let response) = outcome else { return Answered(failed(outcome), record) }
        let verdict = answered(response, &record)
        return Answered(verdict, record)
    }

    public func submit(_ order: OrderSubmission, _ call: CallTerms) async -> Answered<SubmitVerdict> {
        guard let body = LEANBodies.submit(order) else {
            var record = CallRecord()
            record.note(code: "lean_order_without_qty")
            return Answered(.notSent(Refusal(.local, .neverConnected, .contractViolation)), record)
        }
        let headers = fences(order.clientOrderID, order.epoch, call)
        return await ask(request(.post, "/v1/orders/submit", call, headers: headers, body: body), call) {
            $0.verdict ?? .unknown(.unknownError)
        } answered: { response, record in
            LEANReplies.submitted(response, &record) { found throws(ContractBreach) in
                try SubmitContract.check(found, against: order)
            }
        }
    }

    public func replace(_ order: OrderReplacement, _ call: CallTerms) async -> Answered<SubmitVerdict> {
        let path = "/v1/orders/" + Escaping.part(order.orderID.text) + "/replace"
        let headers = fences(order.clientOrderID, order.epoch, call)
        let body = ReplacementBody.of(order)
        return await ask(request(.post, path, call, headers: headers, body: body), call) {
            $0.verdict ?? .unknown(.unknownError)
        } answered: { response, record in
            LEANReplies.submitted(response, &record) { found throws(ContractBreach) in
                try SubmitContract.check(found, against: order)
            }
        }
    }

    public func void(_ id: ClientOrderID, _ call: CallTerms) async -> Answered<VoidVerdict> {
        let path = "/v1/orders/client/" + Escaping.part(id.text) + "/void"
        return await ask(request(.post, path, call), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: {
            LEANReplies.voided($0, id, &$1)
        }
    }

    public func lookup(clientOrderID id: ClientOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        await ask(request(.get, "/v1/orders/client/" + Escaping.part(id.text), call), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            let verdict = LEANReplies.found(response, &record)
            if case .found(let order) = verdict, order.clientOrderID != id {
                record.note(code: "lean_read_order_payload_client_order_id_mismatch")
                return .inconclusive(.contractViolation)
            }
            return verdict
        }
    }

    public func lookup(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        await ask(request(.get, "/v1/orders/" + Escaping.part(id.text), call), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            let verdict = LEANReplies.found(response, &record)
            if case .found(let order) = verdict, order.id != id {
                record.note(code: "lean_read_order_payload_id_mismatch")
                return .inconclusive(.contractViolation)
            }
            return verdict
        }
    }

    /// The runner reads all pages itself.
    public func openOrders(_ call: CallTerms) async -> Answered<ListVerdict> {
        await ask(request(.get, "/v1/orders?status=open", call), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            let found = LEANReplies.list(response, &record) { value throws(ContractBreach) in
                try OrderList.read(value)
            }
            switch found {
            case .success(let orders): return .orders(orders, isComplete: true)
            case .failure(let failure): return .inconclusive(failure.taxonomy)
            }
        }
    }

    public func cancel(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<CancelVerdict> {
        await ask(request(.post, "/v1/orders/" + Escaping.part(id.text) + "/cancel", call), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            guard !(200...299).contains(response.status) else { return .requested }
            let taxonomy = LEANReplies.taxonomy(response, &record)
            if response.status == 422 { return .refused }
            return LEANReplies.isAbsence(response) ? .absent : .inconclusive(taxonomy)
        }
    }

    public func cancelAll(_ call: CallTerms) async -> Answered<CancelAllVerdict> {
        await ask(request(.post, "/v1/orders/cancel-all", call), call) {
            .inconclusive($0.failure ?? .unknownError)
        } answered: { response, record in
            let found = LEANReplies.list(response, &record) { value throws(ContractBreach) in
                try CancelList.read(value)
            }
            switch found {
            case .success(let verdict): return verdict
            case .failure(let failure): return .inconclusive(failure.taxonomy)
            }
        }
    }

    public func health(_ call: CallTerms) async -> Answered<HealthVerdict> {
        await ask(request(.get, "/healthz", call), call) {
            HealthReasons.unhealthy("lean_health_" + ($0.failure ?? .unknownError).rawValue)
        } answered: { response, record in
            guard response.status == 200 else {
                _ = LEANReplies.taxonomy(response, &record)
                if record.credentialsRefused { return .credentialsRefused }
                return HealthReasons.unhealthy("lean_health_http_\(response.status)")
            }
            let status = ReplyDocument.field("status", in: response.body) ?? "unknown"
            let version = ReplyDocument.field("contract_version", in: response.body)
            record.contractVersion = version.flatMap(BoundedText.label)
            guard status == "ok" else { return HealthReasons.unhealthy("lean_health_status_\(status)") }
            // An older runner may not keep what we rely on: no order goes to one that speaks another contract.
            guard let wanted = settings.contractVersion, version != wanted else { return .healthy }
            return HealthReasons.unhealthy("lean_health_contract_version_\(version ?? "missing")")
        }
    }
}
