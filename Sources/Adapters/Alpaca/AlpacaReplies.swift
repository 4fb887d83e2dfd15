internal import Core
internal import Domain
internal import HTTPClient
internal import JSON

/// What Alpaca's answers mean.
enum AlpacaReplies {
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
            // A 200 with an order that was refused is a refusal.
            guard order.status != .rejected || order.filledQty ?? .zero != .zero else {
                return .rejected(Refusal(.brokerRejected, .refusedByContract, .brokerRejected))
            }
            return .accepted(order)
        } catch {
            record.note(code: "alpaca_order_payload_" + error.what)
            return .unknown(.contractViolation)
        }
    }

    /// 400, 401, 403, 404 and 422 prove that there is no order; of everything else nothing is certain.
    private static func refused(_ response: HTTPResponse, _ record: inout CallRecord) -> SubmitVerdict {
        let (code, message) = noteRefusal(response, &record)
        switch response.status {
        case 400, 404: return .rejected(Refusal(.contractInvalid, .refusedByContract, .http4xx))
        case 401, 403:
            guard isBusiness(response.status, code) else {
                record.credentialsRefused = true
                return .rejected(Refusal(.authRejected, .refusedByContract, .authRejected))
            }
            return .rejected(Refusal(.brokerRejected, .refusedByContract, .brokerRejected))
        case 422:
            guard !TakenID.isNamed(in: message) else { return .taken(.brokerRejected) }
            return .rejected(Refusal(.brokerRejected, .refusedByContract, .brokerRejected))
        case 429: return .notSent(Refusal(.notSent, .refusedByContract, .rateLimited))
        case 500...599: return .unknown(.http5xx)
        default: return .unknown(.unknownError)
        }
    }

    /// Alpaca's codes begin with the status; 4031… is about the account's money, not about who asks.
    private static func isBusiness(_ status: Int, _ code: String?) -> Bool {
        status == 403 && code?.hasPrefix("4031") ?? false
    }

    @discardableResult
    static func noteRefusal(_ response: HTTPResponse, _ record: inout CallRecord) -> (String?, String) {
        let code = ReplyDocument.field("code", in: response.body)
        let message = ReplyDocument.field("message", in: response.body)
        record.note(code: code ?? "alpaca_http_\(response.status)", reason: message)
        return (code, message ?? "")
    }

    /// Of reads: what an answer that is no order means.
    static func taxonomy(_ response: HTTPResponse, _ record: inout CallRecord) -> FailureTaxonomy {
        let (code, _) = noteRefusal(response, &record)
        switch response.status {
        case 401, 403:
            guard !isBusiness(response.status, code) else { return .brokerRejected }
            record.credentialsRefused = true
            return .authRejected
        case 429: return .rateLimited
        case 400...499: return .http4xx
        case 500...599: return .http5xx
        default: return .unknownError
        }
    }

    static func found(_ response: HTTPResponse, _ record: inout CallRecord) -> LookupVerdict {
        guard response.status == 200 else {
            let taxonomy = taxonomy(response, &record)
            // Only Alpaca's own words: a 404 of something between us is no absence.
            let isAbsent = response.status == 404 && ReplyDocument.field("code", in: response.body) == "40410000"
            return isAbsent ? .absent : .inconclusive(taxonomy)
        }
        do throws(ContractBreach) {
            let read = try ReplyDocument.read(response.body) { value throws(ContractBreach) in
                try OrderReader.read(value)
            }
            guard let order = read else { return .inconclusive(.invalidJSON) }
            return .found(order)
        } catch {
            record.note(code: "alpaca_read_order_payload_" + error.what)
            return .inconclusive(.contractViolation)
        }
    }

    static func listed(
        _ response: HTTPResponse, _ record: inout CallRecord
    ) -> Result<OrderList.Page, ReadFailure> {
        guard response.status == 200 else { return .failure(ReadFailure(taxonomy(response, &record))) }
        do throws(ContractBreach) {
            let read = try ReplyDocument.read(response.body) { value throws(ContractBreach) in
                try OrderList.readable(value)
            }
            guard let read else { return .failure(ReadFailure(.invalidJSON)) }
            return .success(read)
        } catch {
            record.note(code: "alpaca_read_order_payload_" + error.what)
            return .failure(ReadFailure(.contractViolation))
        }
    }

    /// The list of `DELETE /v2/orders`: which were taken, and which were not.
    static func canceledAll(_ response: HTTPResponse, _ record: inout CallRecord) -> CancelAllVerdict {
        guard [200, 204, 207].contains(response.status) else {
            return .inconclusive(taxonomy(response, &record))
        }
        guard !response.body.isEmpty else { return .requested([], refused: []) }
        do throws(ContractBreach) {
            let read = try ReplyDocument.read(response.body) { value throws(ContractBreach) in
                try CancelList.read(value)
            }
            return read ?? .inconclusive(.invalidJSON)
        } catch {
            record.note(code: "alpaca_cancel_all_" + error.what)
            return .inconclusive(.contractViolation)
        }
    }
}

/// Why a read has no result.
struct ReadFailure: Error {
    let taxonomy: FailureTaxonomy

    init(_ taxonomy: FailureTaxonomy) { self.taxonomy = taxonomy }
}

/// Alpaca's refusal of a client order id that it knows: this is the proof of an order, not of none.
enum TakenID {
    static func isNamed(in message: String) -> Bool {
        let message = message.lowercased()
        return message.contains("client_order_id") && message.contains("unique")
    }
}
