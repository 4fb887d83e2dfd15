internal import CCurl

/// Sends one request at a time and waits for the answer: blocks its thread, so it lives on one of its own.
///
/// Connections are kept for the next request. Certificates are verified, redirects are answers like any other, proxies
/// of the environment are not used. A request is sent once at most, whatever happens to its connection.
@safe public struct HTTPClient: ~Copyable {
    private var handle: UnsafeMutableRawPointer
    /// Keeps the connections, and lets us watch the clock while a transfer runs.
    private let multi: UnsafeMutableRawPointer
    private let limits: HTTPLimits
    private let trust: HTTPTrust

    public init(limits: HTTPLimits = HTTPLimits(), trust: HTTPTrust = HTTPTrust()) {
        Self.startLibrary()
        guard let made = unsafe curl_easy_init(), let multi = unsafe curl_multi_init() else {
            fatalError("libcurl is out of memory")
        }
        unsafe handle = made
        unsafe self.multi = multi
        self.limits = limits
        self.trust = trust
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_multi_cleanup(multi)
    }

    /// libcurl wants to be started once, before any thread uses it.
    private static let started: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    private static func startLibrary() { precondition(started, "libcurl does not start") }

    public mutating func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        try exchange(request).result.get()
    }

    /// Whether a request may leave: asked on the client's thread when its connection stands, right before its first byte.
    public typealias LastLook = @Sendable () -> Bool

    /// Sends a request and says how far it came, also when there is no answer.
    public mutating func exchange(
        _ request: HTTPRequest, limits: HTTPLimits? = nil, mayLeave: @escaping LastLook = { true }
    ) -> HTTPExchange {
        do throws(HTTPError) { try check(request) } catch { return HTTPExchange(.failure(error), HTTPEvidence()) }
        unsafe curl_easy_reset(handle)
        let exchange = perform(request, limits ?? self.limits, mayLeave)
        if case .failure = exchange.result { renew() }
        return exchange
    }

    /// Begins anew after a failure: a reset does not forget everything.
    ///
    /// A handle whose request died on a used connection wants to go back in the body of the next one, which then fails
    /// before it is sent. Connections are the multi handle's, and stay.
    private mutating func renew() {
        guard let fresh = unsafe curl_easy_init() else { fatalError("libcurl is out of memory") }
        unsafe curl_easy_cleanup(handle)
        unsafe handle = fresh
    }

    private func check(_ request: HTTPRequest) throws(HTTPError) {
        try HTTPAddress(request.url).check(trust)
        for (name, value) in request.headers {
            let isOneLine = (name + value).utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            guard isOneLine, !name.isEmpty else { throw .address("the header '\(name)' is no line") }
        }
    }

    private func perform(
        _ request: HTTPRequest, _ limits: HTTPLimits, _ mayLeave: @escaping LastLook
    ) -> HTTPExchange {
        var list: UnsafeMutablePointer<curl_slist>?
        // `Expect` would cost a round trip; libcurl must not send it by itself.
        for line in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
            // Safe: libcurl copies the line.
            guard let longer = unsafe curl_slist_append(list, line) else { fatalError("libcurl is out of memory") }
            unsafe list = longer
        }
        defer { unsafe curl_slist_free_all(list) }
        let transfer = Transfer(body: request.body, limits: limits, mayLeave: mayLeave)
        unsafe configure(request, limits, Unmanaged.passUnretained(transfer).toOpaque())
        var fault = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let start = ContinuousClock.now
        // Safe: list, transfer and fault outlive the transfer, which ends before this function does.
        let ended = unsafe fault.withUnsafeMutableBufferPointer { fault -> Ended in
            unsafe torghut_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
            unsafe torghut_curl_set_error_buffer(handle, fault.baseAddress)
            let ended = run(transfer, limits, since: start)
            unsafe torghut_curl_set_error_buffer(handle, nil)
            return ended
        }
        let evidence = withExtendedLifetime(transfer) { measure(transfer, since: start) }
        guard case .code(CURLE_OK) = ended else {
            let end = fault.firstIndex(of: 0) ?? 0
            let said = String(decoding: fault[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return HTTPExchange(.failure(failure(ended, said, transfer, limits)), evidence)
        }
        var status = 0
        unsafe torghut_curl_status(handle, &status)
        let response = HTTPResponse(status: status, headers: transfer.headers, body: transfer.bytes)
        return HTTPExchange(.success(response), evidence)
    }

    private enum Ended {
        case code(CURLcode)
        case late(after: Duration)
    }

    /// Runs the transfer to its end, or until one of its times is over: libcurl has no limit for the first byte.
    private func run(_ transfer: Transfer, _ limits: HTTPLimits, since start: ContinuousClock.Instant) -> Ended {
        guard unsafe curl_multi_add_handle(multi, handle) == CURLM_OK else { fatalError("libcurl takes no handle") }
        defer { unsafe curl_multi_remove_handle(multi, handle) }
        while true {
            var running: Int32 = 0
            guard unsafe curl_multi_perform(multi, &running) == CURLM_OK else { return .code(CURLE_FAILED_INIT) }
            var code = CURLE_OK
            if unsafe torghut_curl_finished(multi, &code) != 0 { return .code(code) }
            let now = ContinuousClock.now
            var left = limits.totalTimeout - (now - start)
            if left <= .zero { return .late(after: limits.totalTimeout) }
            if let connectedAt = transfer.connectedAt, transfer.firstByteAt == nil {
                let first = limits.firstByteTimeout - (now - connectedAt)
                if first <= .zero { return .late(after: limits.firstByteTimeout) }
                left = min(left, first)
            }
            // Rounded up, so that the end of a time is not spun for.
            let wait = Int32(clamping: left.milliseconds + 1)
            unsafe curl_multi_poll(multi, nil, 0, wait, nil)
        }
    }

    private func measure(_ transfer: Transfer, since start: ContinuousClock.Instant) -> HTTPEvidence {
        var head = 0
        var connects = 0
        var (body, received): (curl_off_t, curl_off_t) = (0, 0)
        unsafe torghut_curl_long(handle, CURLINFO_REQUEST_SIZE, &head)
        unsafe torghut_curl_long(handle, CURLINFO_NUM_CONNECTS, &connects)
        unsafe torghut_curl_size(handle, CURLINFO_SIZE_UPLOAD_T, &body)
        unsafe torghut_curl_size(handle, CURLINFO_SIZE_DOWNLOAD_T, &received)
        let isConnected = transfer.connectedAt != nil
        return HTTPEvidence(
            isConnected: isConnected, connected: transfer.connectedAt.map { $0 - start },
            sentBytes: isConnected ? head + Int(body) : 0, receivedBytes: Int(received),
            isReused: isConnected && connects == 0, firstByte: transfer.firstByteAt.map { $0 - start },
            total: ContinuousClock.now - start)
    }

    private func configure(_ request: HTTPRequest, _ limits: HTTPLimits, _ transfer: UnsafeMutableRawPointer) {
        text(CURLOPT_URL, request.url)
        text(CURLOPT_PROTOCOLS_STR, "http,https")
        // No proxy for any host: where a request goes is said by its address alone.
        text(CURLOPT_NOPROXY, "*")
        // HTTP/2 where TLS offers it, else HTTP/1.1.
        number(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        number(CURLOPT_FOLLOWLOCATION, 0)
        // `..` in a path is part of a name, not a way up.
        number(CURLOPT_PATH_AS_IS, 1)
        number(CURLOPT_NOSIGNAL, 1)
        number(CURLOPT_SSL_VERIFYPEER, 1)
        number(CURLOPT_SSL_VERIFYHOST, 2)
        number(CURLOPT_MAXCONNECTS, 4)
        number(CURLOPT_MAXAGE_CONN, max(1, limits.maximumIdle.milliseconds / 1_000))
        number(CURLOPT_CONNECTTIMEOUT_MS, limits.connectTimeout.milliseconds)
        number(CURLOPT_TIMEOUT_MS, limits.totalTimeout.milliseconds)
        if let authorities = trust.authorities { text(CURLOPT_CAINFO, authorities) }
        unsafe torghut_curl_set_writer(handle, Transfer.write, transfer)
        unsafe torghut_curl_set_header_taker(handle, Transfer.header, transfer)
        unsafe torghut_curl_set_ready(handle, Transfer.ready, transfer)
        if request.method.hasBody {
            // From a function that cannot go back: a body is never sent twice.
            unsafe torghut_curl_set_reader(handle, Transfer.read, transfer)
            number(CURLOPT_POST, 1)
            let code = unsafe torghut_curl_set_size(
                handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            precondition(code == CURLE_OK, "libcurl takes no body")
        } else {
            number(CURLOPT_HTTPGET, 1)
        }
        text(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }

    /// Options libcurl does not know are our mistake: it is built with all of them.
    private func text(_ option: CURLoption, _ value: String) {
        precondition(unsafe torghut_curl_set_text(handle, option, value) == CURLE_OK, "libcurl refuses an option")
    }

    private func number(_ option: CURLoption, _ value: Int) {
        precondition(unsafe torghut_curl_set_long(handle, option, value) == CURLE_OK, "libcurl refuses an option")
    }

    private func failure(_ ended: Ended, _ said: String, _ transfer: Transfer, _ limits: HTTPLimits) -> HTTPError {
        if transfer.isForbidden { return .forbidden }
        guard case .code(let code) = ended else {
            if case .late(let limit) = ended { return .timedOut(after: limit) }
            return .timedOut(after: limits.totalTimeout)
        }
        let what = said.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : said
        switch code {
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(after: transfer.connectedAt == nil ? limits.connectTimeout : limits.totalTimeout)
        case CURLE_WRITE_ERROR where transfer.isOverfull: return transfer.overflow
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_ISSUER_ERROR:
            return .untrusted(what)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .address(what)
        default: return .unreachable(what)
        }
    }
}

extension Duration {
    /// At least one: for libcurl zero means without end.
    fileprivate var milliseconds: Int { max(1, Int(self / .milliseconds(1))) }
}
