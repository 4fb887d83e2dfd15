import Core
import HTTPClient
import HTTPServer
import Threading

/// A refusal in the runner's words.
struct LeanRefusal: Error {
    let status: Int
    let outcome: String
    let code: String
    let detail: String

    var response: HTTPServerResponse {
        .tree(
            .object(["outcome": .string(outcome), "code": .string(code), "detail": .string(detail)]), status: status)
    }

    static func invalid(_ detail: String) -> LeanRefusal {
        LeanRefusal(status: 422, outcome: "not_sent", code: "contract_invalid", detail: detail)
    }
    static let unknown = LeanRefusal(
        status: 502, outcome: "unknown", code: "broker_unknown", detail: "lean_submit_order_failed:network_timeout")
    static let notSent = LeanRefusal(
        status: 503, outcome: "not_sent", code: "not_sent", detail: "the broker was not called")
}

/// `POST /v1/orders/submit`: admission by epoch, deadline and key, and then the broker, once.
struct LeanSubmit: Sendable {
    let broker: LeanBroker
    let ledger: LeanLedger
    let misbehaviour: Misbehaviour

    func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        let body = Tree(request.body)
        let clientID = body?["extra_params"]?["client_order_id"]?.string ?? ""
        let (misdeed, milliseconds) = misbehaviour.next(for: clientID)
        misbehaviour.note(
            .object([
                "client_order_id": .string(clientID), "idempotency_key": .text(request.header("Idempotency-Key")),
                "correlation_id": .text(request.header("X-Correlation-ID")),
                "epoch": .text(request.header("X-Torghut-Epoch")),
                "deadline": .text(request.header("X-Torghut-Deadline")), "misdeed": .text(misdeed?.rawValue),
            ]))
        switch misdeed {
        case .refuse: return LeanRefusal.notSent.response
        case .errorBefore: return .text("internal error\n", status: 500)
        case .timeoutBefore: return await hang(milliseconds)
        case .delay: guard await slept(milliseconds) else { return .hangUp }
        default: break
        }
        do throws(LeanRefusal) {
            let order = try await submit(request, body)
            switch misdeed {
            case .timeoutAfter: return await hang(milliseconds)
            case .errorAfter: return .text("internal error\n", status: 500)
            case let lie?: return .json(lie.spoil(order))
            case nil: return .tree(order)
            }
        } catch { return error.response }
    }

    private func slept(_ milliseconds: Int) async -> Bool {
        do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return false }
        return true
    }

    private func hang(_ milliseconds: Int) async -> HTTPServerResponse {
        _ = await slept(milliseconds)
        return .hangUp
    }

    private func submit(_ request: HTTPServerRequest, _ body: Tree?) async throws(LeanRefusal) -> Tree {
        try admit(request)
        let (order, key) = try read(body, request.header("Idempotency-Key"))
        let correlation = request.header("X-Correlation-ID")
        switch ledger.admit(key, order) {
        case .admitted: break
        case .replay(let known): return Self.audited(known, "submit_order", correlation, key, isReplay: true)
        case .rejected(let answer): throw Self.rejected(answer)
        case .conflict:
            throw LeanRefusal(
                status: 409, outcome: "unknown", code: "idempotency_conflict",
                detail: "the key was used with another body")
        case .busy: throw LeanRefusal(status: 409, outcome: "unknown", code: "in_flight", detail: "it is on its way")
        case .unknown: throw .unknown
        case .voided: throw LeanRefusal(status: 409, outcome: "not_sent", code: "voided", detail: "the key is void")
        }
        return try await send(order, key, correlation)
    }

    private func admit(_ request: HTTPServerRequest) throws(LeanRefusal) {
        if let text = request.header("X-Torghut-Epoch") {
            guard let epoch = Int64(text) else { throw .invalid("X-Torghut-Epoch is no number") }
            guard ledger.accepts(epoch: epoch, in: request.header("X-Torghut-Epoch-Scope") ?? "") else {
                throw LeanRefusal(
                    status: 409, outcome: "not_sent", code: "stale_epoch", detail: "a newer epoch was seen")
            }
        }
        guard let text = request.header("X-Torghut-Deadline") else { return }
        let deadline: Timestamp
        do { deadline = try Timestamp(text) } catch { throw .invalid("X-Torghut-Deadline is no time") }
        guard SystemTime().now() < deadline else {
            throw LeanRefusal(
                status: 410, outcome: "not_sent", code: "deadline_passed", detail: "the deadline has passed")
        }
    }

    private static let fields: Set<String> = [
        "symbol", "side", "qty", "order_type", "time_in_force", "limit_price", "stop_price", "extra_params",
    ]

    /// The order for the broker.
    private func read(_ body: Tree?, _ key: String?) throws(LeanRefusal) -> (Tree, String) {
        guard let body, case .object(let fields) = body else { throw .invalid("the body is no object") }
        if let unknown = fields.first(where: { !Self.fields.contains($0.name) }) {
            throw .invalid("unknown field \(unknown.name)")
        }
        for name in ["symbol", "side", "order_type", "time_in_force"] where body[name]?.string == nil {
            throw .invalid("\(name) is missing")
        }
        guard let qty = body["qty"]?.amount, qty > .zero else { throw .invalid("qty is no quantity") }
        let extra = body["extra_params"]
        guard let key = key ?? extra?["client_order_id"]?.string, !key.isEmpty else { throw .invalid("no key") }
        var order = Tree.object([
            "symbol": body["symbol"], "side": body["side"], "type": body["order_type"],
            "time_in_force": body["time_in_force"], "qty": .amount(qty),
            "client_order_id": .string(extra?["client_order_id"]?.string ?? key),
        ])
        for name in ["limit_price", "stop_price"] {
            if let value = body[name]?.amount { order = order.with([:], adding: name, .amount(value)) }
        }
        for name in ["trail_price", "trail_percent", "extended_hours"] {
            if let value = extra?[name] { order = order.with([:], adding: name, value) }
        }
        return (order, key)
    }

    private func send(_ order: Tree, _ key: String, _ correlation: String?) async throws(LeanRefusal) -> Tree {
        switch await broker.ask(.post, "/v2/orders", order) {
        case .status(200, let answer?):
            ledger.settle(key, .submitted(order, order: answer))
            return Self.audited(answer, "submit_order", correlation, key, isReplay: false)
        case .status(let status, let answer) where [400, 401, 403, 404, 422].contains(status):
            ledger.settle(key, .rejected(order, answer: answer ?? .null))
            throw Self.rejected(answer ?? .null)
        case .notSent, .status(429, _):
            ledger.release(key)
            throw .notSent
        case .status, .lost:
            ledger.settle(key, .unknown(order))
            throw .unknown
        }
    }

    private static func rejected(_ answer: Tree) -> LeanRefusal {
        LeanRefusal(
            status: 422, outcome: "rejected", code: "broker_rejected",
            detail: answer["message"]?.string ?? "rejected by the broker")
    }

    static func audited(
        _ order: Tree, _ operation: String, _ correlation: String?, _ key: String?, isReplay: Bool
    ) -> Tree {
        order.with([
            "_execution_adapter": .string("lean"), "_lean_contract_version": .string("v2"),
            "_lean_audit": .object([
                "runner": .string("torghut-lean-runner"), "operation": .string(operation),
                "request_ts": .time(SystemTime().now()), "correlation_id": .text(correlation),
                "idempotency_key": .text(key), "idempotent_replay": .bool(isReplay),
            ]),
        ])
    }
}

extension Tree {
    fileprivate func with(_ changes: KeyValuePairs<String, Tree>, adding name: String, _ value: Tree) -> Tree {
        guard case .object(let fields) = with(changes) else { return self }
        return .object(fields + [Field(name: name, value: value)])
    }
}
