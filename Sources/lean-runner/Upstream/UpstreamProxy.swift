import Core
import HTTPClient
import JSON

/// Another runner that answers in our place: passed on to, judged, and never believed blindly.
///
/// An answer must be an object in JSON within the limits; everything else is told in the original's words, as
/// `lean_upstream_http_503:…`, `lean_upstream_timeout`, `lean_upstream_invalid_json:…`.
struct UpstreamProxy: Sendable {
    private let address: String
    private let pool: HTTPPool
    private let token: Secret<String>?

    /// Answers that are larger are refused before they fill memory.
    static let maximumAnswerBytes = 8 << 20
    static let lanes = 4

    init(address: String, timeout: Duration, token: Secret<String>? = nil) {
        self.address = Escaping.base(address)
        self.token = token
        pool = HTTPPool(
            lanes: Self.lanes,
            limits: HTTPLimits(
                connectTimeout: min(timeout, .seconds(5)), firstByteTimeout: timeout, totalTimeout: timeout,
                maximumResponseBytes: Self.maximumAnswerBytes))
    }

    /// Asks it; `body` is sent with POST.
    ///
    /// The answer's own audit is left out: ours comes with the reply.
    func ask(
        _ method: HTTPRequest.Method, _ path: String, body: Document? = nil, _ call: RunnerCall
    ) async throws(RunnerFault) -> Document {
        var headers = [(name: "Accept", value: "application/json"), ("X-Correlation-ID", call.correlationID.text)]
        if let key = call.idempotencyKey { headers.append(("Idempotency-Key", key)) }
        if let token { headers.append(("Authorization", "Bearer " + token.reveal())) }
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let request = HTTPRequest(method, address + path, headers: headers, body: body?.bytes ?? [])
        switch await pool.exchange(request).result {
        case .failure(let error): throw Self.fault(error, call.operation)
        case .success(let response): return try Self.read(response, call.operation)
        }
    }

    private static func read(_ response: HTTPResponse, _ operation: Operation) throws(RunnerFault) -> Document {
        guard (200...299).contains(response.status) else {
            // Its text is not quoted whole, and control characters of a stranger are not quoted at all.
            let text = String(decoding: response.body.prefix(200), as: UTF8.self).filter { !$0.isNewline }
            let taxonomy: RunnerFault.Taxonomy = [401, 403].contains(response.status) ? .upstreamAuth : .upstream
            let status = response.status == 404 ? 404 : 502
            throw .failed(
                operation, taxonomy, "lean_upstream_http_\(response.status):\(text)", status: status)
        }
        let document: Document
        do { document = try Document(response.body, limits: JSONLimits(maximumBytes: maximumAnswerBytes)) } catch {
            throw .failed(operation, .upstream, "lean_upstream_invalid_json:\(error)")
        }
        guard document.fields != nil else { throw .failed(operation, .upstream, "lean_upstream_invalid_payload") }
        return document.without("_lean_audit")
    }

    private static func fault(_ error: HTTPError, _ operation: Operation) -> RunnerFault {
        switch error {
        case .timedOut: .failed(operation, .timeout, "lean_upstream_timeout")
        case .busy: .failed(operation, .busy, "lean_upstream_busy")
        case .tooLarge: .failed(operation, .upstream, "lean_upstream_invalid_payload")
        case .unreachable, .untrusted, .address, .forbidden:
            .failed(operation, .network, "lean_upstream_network_error:\(error)")
        }
    }
}
