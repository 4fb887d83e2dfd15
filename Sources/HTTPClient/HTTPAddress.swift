internal import CCurl

/// The parts of an address that decide whether a client may use it, as libcurl itself reads them.
struct HTTPAddress {
    let scheme: String
    let host: String
    let hasUser: Bool

    init(_ text: String) throws(HTTPError) {
        guard let url = unsafe curl_url() else { fatalError("libcurl is out of memory") }
        defer { unsafe curl_url_cleanup(url) }
        let code = unsafe curl_url_set(url, CURLUPART_URL, text, 0)
        guard code == CURLUE_OK, let scheme = unsafe Self.part(CURLUPART_SCHEME, of: url),
            let host = unsafe Self.part(CURLUPART_HOST, of: url)
        else { throw .address("'\(text)' is no address") }
        self.scheme = scheme.lowercased()
        self.host = host.lowercased()
        hasUser = unsafe Self.part(CURLUPART_USER, of: url) != nil
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(url, part, &text, 0) == CURLUE_OK, let found = unsafe text else { return nil }
        defer { unsafe curl_free(found) }
        return unsafe String(cString: found)
    }

    var isLoopback: Bool { host == "localhost" || host == "[::1]" || isLoopbackNumber }

    /// Four numbers, the first of which is 127: a name that only begins so is no loopback.
    private var isLoopbackNumber: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    func check(_ trust: HTTPTrust) throws(HTTPError) {
        guard !hasUser else { throw .address("an address carries no user and no password") }
        switch scheme {
        case "https": return
        case "http":
            guard isLoopback || trust.plainBeyondLoopback else {
                throw .address("plain http to \(host) is not allowed: it leaves this machine")
            }
        default: throw .address("'\(scheme)' is neither https nor http")
        }
    }
}

extension HTTPTrust {
    /// Why a client with this trust would ask nobody at an address; `nil` when it would.
    public func objection(to address: String) -> String? {
        do {
            try HTTPAddress(address).check(self)
            return nil
        } catch { return error.description }
    }
}
