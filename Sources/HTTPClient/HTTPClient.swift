internal import CCurl

/// Sends one request at a time and waits for the answer: blocks its thread, so it lives on one of its own.
///
/// Certificates are verified, redirects are answers like any other, proxies of the environment are not used.
@safe public struct HTTPClient: ~Copyable {
    private let handle: UnsafeMutableRawPointer
    private let limits: HTTPLimits
    private let trust: HTTPTrust

    public init(limits: HTTPLimits = HTTPLimits(), trust: HTTPTrust = HTTPTrust()) {
        Self.startLibrary()
        guard let made = unsafe curl_easy_init() else { fatalError("libcurl is out of memory") }
        unsafe handle = made
        self.limits = limits
        self.trust = trust
    }

    deinit { unsafe curl_easy_cleanup(handle) }

    /// libcurl wants to be started once, before any thread uses it.
    private static let started: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    private static func startLibrary() { precondition(started, "libcurl does not start") }

    public mutating func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        try HTTPAddress(request.url).check(trust)
        for (name, value) in request.headers {
            let isOneLine = (name + value).utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            guard isOneLine, !name.isEmpty else { throw .address("the header '\(name)' is no line") }
        }
        unsafe curl_easy_reset(handle)
        return try perform(request)
    }

    private func perform(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        var list: UnsafeMutablePointer<curl_slist>?
        // `Expect` would cost a round trip; libcurl must not send it by itself.
        for line in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
            // Safe: libcurl copies the line.
            guard let longer = unsafe curl_slist_append(list, line) else { fatalError("libcurl is out of memory") }
            unsafe list = longer
        }
        defer { unsafe curl_slist_free_all(list) }
        let sink = ResponseSink(limit: limits.maximumResponseBytes)
        configure(request)
        var fault = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        // Safe: list, sink and fault outlive the transfer, which ends before this function does.
        let code = unsafe fault.withUnsafeMutableBufferPointer { fault in
            unsafe torghut_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
            unsafe torghut_curl_set_error_buffer(handle, fault.baseAddress)
            unsafe torghut_curl_set_writer(handle, ResponseSink.write, Unmanaged.passUnretained(sink).toOpaque())
            let code = unsafe curl_easy_perform(handle)
            unsafe torghut_curl_set_error_buffer(handle, nil)
            return code
        }
        guard code == CURLE_OK else {
            let end = fault.firstIndex(of: 0) ?? 0
            let said = String(decoding: fault[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw failure(code, said.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : said, sink)
        }
        var status = 0
        unsafe torghut_curl_status(handle, &status)
        return HTTPResponse(status: status, body: sink.bytes)
    }

    private func configure(_ request: HTTPRequest) {
        text(CURLOPT_URL, request.url)
        text(CURLOPT_PROTOCOLS_STR, "http,https")
        // No proxy for any host: where a request goes is said by its address alone.
        text(CURLOPT_NOPROXY, "*")
        number(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        number(CURLOPT_FOLLOWLOCATION, 0)
        number(CURLOPT_NOSIGNAL, 1)
        number(CURLOPT_SSL_VERIFYPEER, 1)
        number(CURLOPT_SSL_VERIFYHOST, 2)
        number(CURLOPT_CONNECTTIMEOUT_MS, limits.connectTimeout.milliseconds)
        number(CURLOPT_TIMEOUT_MS, limits.totalTimeout.milliseconds)
        if let authorities = trust.authorities { text(CURLOPT_CAINFO, authorities) }
        guard request.method == .post else { return number(CURLOPT_HTTPGET, 1) }
        number(CURLOPT_POST, 1)
        let code = unsafe torghut_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
        precondition(code == CURLE_OK, "libcurl takes no body")
        // Safe: libcurl copies as many bytes as it was told; an empty array needs an address too.
        unsafe (request.body + [0]).withUnsafeBytes { bytes in
            let copied = unsafe torghut_curl_copy_body(handle, bytes.baseAddress)
            precondition(copied == CURLE_OK, "libcurl is out of memory")
        }
    }

    /// Options libcurl does not know are our mistake: it is built with all of them.
    private func text(_ option: CURLoption, _ value: String) {
        precondition(unsafe torghut_curl_set_text(handle, option, value) == CURLE_OK, "libcurl refuses an option")
    }

    private func number(_ option: CURLoption, _ value: Int) {
        precondition(unsafe torghut_curl_set_long(handle, option, value) == CURLE_OK, "libcurl refuses an option")
    }

    private func failure(_ code: CURLcode, _ said: String, _ sink: ResponseSink) -> HTTPError {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: .timedOut(after: limits.totalTimeout)
        case CURLE_WRITE_ERROR where sink.isOverfull: .tooLarge(allowed: limits.maximumResponseBytes)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_ISSUER_ERROR:
            .untrusted(said)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .address(said)
        default: .unreachable(said)
        }
    }
}

extension Duration {
    /// At least one: for libcurl zero means without end.
    fileprivate var milliseconds: Int { max(1, Int(self / .milliseconds(1))) }
}
