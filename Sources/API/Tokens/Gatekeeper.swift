public import Core
public import HTTPServer

/// Tells who asks, and whether he may.
public struct Gatekeeper: Sendable {
    private let tokens: TokenFile?
    private let time: any TimeSource

    /// Without a file whoever is on this machine may read, and nobody may change anything.
    public init(_ tokens: TokenFile?, _ time: any TimeSource) {
        self.tokens = tokens
        self.time = time
    }

    public func admit(_ request: HTTPServerRequest, to role: TokenRole) throws(Problem) -> Caller {
        guard let tokens else {
            if role == .read { return .nobody }
            throw Problem(.forbidden, "no tokens are set up here, so nothing can be changed (TORGHUT_API_TOKENS)")
        }
        guard let shown = request.header("Authorization"), shown.utf8.count <= 1_024,
            shown.prefix(7).lowercased() == "bearer "
        else { throw Problem(.unauthorized, "show a token: Authorization: Bearer …") }
        let token = String(shown.dropFirst(7).drop { $0 == " " })
        guard let caller = tokens.caller(showing: token, at: time.now()) else {
            throw Problem(.unauthorized, "the token is unknown, or has expired")
        }
        guard caller.may(role) else {
            throw Problem(.forbidden, "this needs a token with the role \(role.rawValue)")
        }
        return caller
    }
}
