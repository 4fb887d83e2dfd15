import Core
import HTTPServer

/// One request on its way through the runner.
struct RunnerCall: Sendable {
    let request: HTTPServerRequest
    let parameters: HTTPRoutes.Parameters
    let operation: Operation
    /// The caller's, or one that was made for this call.
    let correlationID: CorrelationID
    let receivedAt: Timestamp
    /// Which trace it belongs to; `nil` where the caller named none.
    var trace: CallTrace?

    /// The `Idempotency-Key`, trimmed; `nil` when there is none.
    var idempotencyKey: String? {
        guard let text = request.header("Idempotency-Key").map(Self.trimmed), !text.isEmpty else { return nil }
        return text
    }

    static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    /// The header `X-Correlation-ID`, or a name of our own.
    static func correlation(of request: HTTPServerRequest) throws(RunnerFault) -> CorrelationID {
        let given = request.header("X-Correlation-ID").map(trimmed) ?? ""
        do { return try CorrelationID(given.isEmpty ? made() : given) } catch {
            throw .invalid("X-Correlation-ID: \(error)")
        }
    }

    /// `lean-` and twenty digits of chance.
    static func made() -> String {
        var text = "lean-"
        for _ in 0..<20 { text += String(Int.random(in: 0..<16), radix: 16) }
        return text
    }
}
