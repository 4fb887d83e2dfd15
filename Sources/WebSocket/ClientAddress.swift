internal import CWebSockets

/// Where a client goes, as libwebsockets itself reads the address.
struct ClientAddress: Sendable {
    let host: String
    let port: UInt16
    let path: String
    let isSealed: Bool

    init(_ text: String, _ settings: WebSocketSettings) throws(WebSocketError) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("@") else {
            throw .address("an address is short, has no spaces, and carries no user")
        }
        var bytes = Array(text.utf8CString)
        // Safe: the parts point into `bytes`, and are copied before it ends.
        let parts = unsafe bytes.withUnsafeMutableBufferPointer { bytes -> (String, String, Int32, String)? in
            var scheme: UnsafePointer<CChar>?
            var host: UnsafePointer<CChar>?
            var path: UnsafePointer<CChar>?
            var port: Int32 = 0
            guard unsafe lws_parse_uri(bytes.baseAddress, &scheme, &host, &port, &path) == 0,
                let scheme = unsafe scheme, let host = unsafe host, let path = unsafe path
            else { return nil }
            return unsafe (String(cString: scheme), String(cString: host), port, String(cString: path))
        }
        guard let (scheme, host, port, path) = parts, !host.isEmpty, ["ws", "wss"].contains(scheme) else {
            throw .address("'\(text)' is neither wss:// nor ws://")
        }
        guard let port = UInt16(exactly: port == 0 ? (scheme == "wss" ? 443 : 80) : port) else {
            throw .address("'\(text)' has no port that there is")
        }
        self.host = host
        self.port = port
        self.path = path
        isSealed = scheme == "wss"
        guard isSealed || Self.isLoopback(host) || settings.plainBeyondLoopback else {
            throw .address("plain ws to \(host) is not allowed: it leaves this machine")
        }
    }

    /// A name that only begins like a loopback number is none.
    private static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isNumber = parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
        return host == "localhost" || host == "::1" || isNumber
    }
}
