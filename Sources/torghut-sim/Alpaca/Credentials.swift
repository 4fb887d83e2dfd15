import HTTPServer

/// Whom the simulated broker lets in.
struct Credentials: Sendable {
    /// Without a key everybody with any key is let in.
    let key: String?
    let secret: String?

    func allow(_ key: String?, _ secret: String?) -> Bool {
        guard let key, let secret, !key.isEmpty, !secret.isEmpty else { return false }
        return (self.key ?? key) == key && (self.secret ?? secret) == secret
    }

    func allow(_ request: HTTPServerRequest) -> Bool {
        allow(request.header("APCA-API-KEY-ID"), request.header("APCA-API-SECRET-KEY"))
    }
}

extension HTTPServerResponse {
    static func tree(_ tree: Tree, status: Int = 200) -> HTTPServerResponse { .json(tree.bytes, status: status) }
    static func refusal(_ refusal: SimRefusal) -> HTTPServerResponse { .tree(refusal.json, status: refusal.status) }

    static func limited(afterSeconds seconds: Int) -> HTTPServerResponse {
        var response = HTTPServerResponse.tree(.object(["message": .string("too many requests.")]), status: 429)
        response.headers.append(("Retry-After", String(seconds)))
        return response
    }
}
