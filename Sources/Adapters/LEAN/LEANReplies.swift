internal import Core
internal import Domain
internal import HTTPClient
internal import JSON

/// What the runner's answers mean.
enum LEANReplies {
    static func submitted(
        _ response: HTTPResponse, _ record: inout CallRecord, _ check: (FoundOrder) throws(ContractBreach) -> Void
    ) -> SubmitVerdict {
        guard (200...299).contains(response.status) else { return refused(response, &record) }
        do throws(ContractBreach) {
            let read = try ReplyDocument.read(response.body) { value throws(ContractBreach) in
                try OrderReader.read(value)
            }
            guard let order = read else { return .unknown(.invalidJSON) }
            try check(order)
            record.reply.executionAuditJSON = order.audit
            guard order.status != .rejected || order.filledQty ?? .zero != .zero else {
                return .rejected(Refusal(.brokerRejected, .refusedByContract, .brokerRejected))
            }
            return .accepted(order)
        } catch {
            record.note(code: "lean_order_payload_" + error.what)
            return .unknown(.contractViolation)
        }
    }

    /// What the runner said of an order it did not take.
    private struct Words {
        let outcome: String?
        let code: String?
        let detail: String?

        init(_ response: HTTPResponse, _ record: inout CallRecord) {
            outcome = ReplyDocument.field("outcome", in: response.body)
            code = ReplyDocument.field("code", in: response.body)
            detail = ReplyDocument.field("detail", in: response.body)
            record.note(code: code ?? "lean_runner_http_\(response.status)", reason: detail)
        }

        var isNotSent: Bool { outcome == "not_sent" }
    }

    private static func refused(_ response: HTTPResponse, _ record: inout CallRecord) -> SubmitVerdict {
        let words = Words(response, &record)
        switch response.status {
        case 401, 403:
            record.credentialsRefused = true
            return .notSent(Refusal(.authRejected, .refusedByContract, .authRejected))
        case 400, 404: return .notSent(Refusal(.contractInvalid, .refusedByContract, .http4xx))
        case 409: return conflicted(words)
        case 410: return .notSent(Refusal(.notSent, .refusedByContract, .deadlinePassed))
        case 422: return unprocessable(words, response)
        case 429: return .notSent(Refusal(.notSent, .refusedByContract, .rateLimited))
        case 503 where words.isNotSent: return .notSent(Refusal(.notSent, .refusedByContract, .http5xx))
        case 500...599: return .unknown(.http5xx)
        default: return .unknown(.unknownError)
        }
    }

    private static func conflicted(_ words: Words) -> SubmitVerdict {
        switch words.code {
        case "stale_epoch" where words.isNotSent: .notSent(Refusal(.notSent, .refusedByContract, .staleEpoch))
        case "voided" where words.isNotSent: .notSent(Refusal(.notSent, .voided, .http4xx))
        // Under this key the runner has another order, which may live.
        case "idempotency_conflict": .taken(.http4xx)
        default: .unknown(.http4xx)
        }
    }

    private static func unprocessable(_ words: Words, _ response: HTTPResponse) -> SubmitVerdict {
        if words.code == "idempotency_conflict" || TakenID.isNamed(in: words.detail ?? "") { return .taken(.http4xx) }
        // The original's runner lists what is wrong with a request.
        let isList = words.detail == nil && hasDetailList(response.body)
        if words.code == "contract_invalid" || isList {
            return .notSent(Refusal(.contractInvalid, .refusedByContract, .http4xx))
        }
        // Also when it does not say why: what may be a business rejection is final.
        return .rejected(Refusal(.brokerRejected, .refusedByContract, .brokerRejected))
    }

    private static func hasDetailList(_ body: [UInt8]) -> Bool {
        let found: Bool?
        do {
            found = try ReplyDocument.read(body) { value throws(ContractBreach) in
                value.field("detail")?.isOf(.array) ?? false
            }
        } catch { return false }
        return found ?? false
    }

    /// Of reads: what an answer that is none means.
    static func taxonomy(_ response: HTTPResponse, _ record: inout CallRecord) -> FailureTaxonomy {
        _ = Words(response, &record)
        switch response.status {
        case 401, 403:
            record.credentialsRefused = true
            return .authRejected
        case 429: return .rateLimited
        case 400...499: return .http4xx
        case 500...599: return .http5xx
        default: return .unknownError
        }
    }

    static func isAbsence(_ response: HTTPResponse) -> Bool {
        response.status == 404
            && ReplyDocument.field("detail", in: response.body)?.hasSuffix("order_not_found") ?? false
    }

    static func found(_ response: HTTPResponse, _ record: inout CallRecord) -> LookupVerdict {
        guard response.status == 200 else {
            let taxonomy = taxonomy(response, &record)
            return isAbsence(response) ? .absent : .inconclusive(taxonomy)
        }
        do throws(ContractBreach) {
            let read = try ReplyDocument.read(response.body) { value throws(ContractBreach) in
                try OrderReader.read(value)
            }
            guard let order = read else { return .inconclusive(.invalidJSON) }
            return .found(order)
        } catch {
            record.note(code: "lean_read_order_payload_" + error.what)
            return .inconclusive(.contractViolation)
        }
    }

    static func voided(_ response: HTTPResponse, _ id: ClientOrderID, _ record: inout CallRecord) -> VoidVerdict {
        let words = Words(response, &record)
        switch (response.status, words.outcome) {
        case (200...299, "voided"):
            // The promise must be about our key.
            let named = ReplyDocument.field("client_order_id", in: response.body)
            return named == nil || named == id.text ? .voided : .inconclusive(.contractViolation)
        case (409, "submitted"):
            do throws(ContractBreach) {
                let read = try ReplyDocument.read(response.body) { value throws(ContractBreach) in
                    guard let order = value.field("order") else { throw ContractBreach("missing_keys:order") }
                    return try OrderReader.read(order)
                }
                guard let order = read, order.clientOrderID == id else { return .inconclusive(.contractViolation) }
                return .submitted(order)
            } catch {
                record.note(code: "lean_void_payload_" + error.what)
                return .inconclusive(.contractViolation)
            }
        default: return .inconclusive(taxonomy(response, &record))
        }
    }

    /// A list below a name.
    static func list<Value>(
        _ response: HTTPResponse, _ record: inout CallRecord, _ read: (JSONValue) throws(ContractBreach) -> Value
    ) -> Result<Value, ReadFailure> {
        guard response.status == 200 else { return .failure(ReadFailure(taxonomy(response, &record))) }
        do throws(ContractBreach) {
            let found = try ReplyDocument.read(response.body) { value throws(ContractBreach) in
                guard let orders = value.field("orders") else { throw ContractBreach("missing_keys:orders") }
                return try read(orders)
            }
            guard let found else { return .failure(ReadFailure(.invalidJSON)) }
            return .success(found)
        } catch {
            record.note(code: "lean_read_order_payload_" + error.what)
            return .failure(ReadFailure(.contractViolation))
        }
    }
}
