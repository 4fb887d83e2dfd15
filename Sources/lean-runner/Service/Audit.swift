import Core
import HTTPServer
import JSON

/// The runner's own account of a call, on every answer.
enum Audit {
    static let runner = "torghut-lean-runner"

    /// The fields of `_lean_audit`.
    static func object(
        _ operation: Operation, at time: Timestamp, correlation: String, key: String?, isReplay: Bool
    ) -> [UInt8] {
        var json = JSONWriter(reserving: 256)
        json.object { json in
            json.key("runner")
            json.string(runner)
            json.key("operation")
            json.string(operation.rawValue)
            json.key("request_ts")
            json.string(time.description)
            json.key("correlation_id")
            json.string(correlation)
            json.key("idempotency_key")
            if let key { json.string(key) } else { json.null() }
            json.key("idempotent_replay")
            json.bool(isReplay)
        }
        return json.finish()
    }

    /// The answer with its audit as the last field.
    ///
    /// Added to the text: a stored answer is repeated to the byte, and only its audit is fresh.
    static func sealed(_ reply: RunnerReply, _ audit: [UInt8], correlation: String) -> HTTPServerResponse {
        var response: HTTPServerResponse
        switch reply.body {
        case .object(let bytes):
            var sealed = Array(bytes.dropLast())
            if sealed.count > 1 { sealed.append(UInt8(ascii: ",")) }
            sealed += Array("\"_lean_audit\":".utf8) + audit + [UInt8(ascii: "}")]
            response = .json(sealed, status: reply.status)
        case .plain(let plain):
            response = plain
            response.headers.append(("X-Lean-Audit", String(decoding: audit, as: UTF8.self)))
        }
        response.headers.append(("X-Correlation-ID", correlation))
        return response
    }
}
