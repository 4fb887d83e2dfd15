public import Core
internal import HTTPServer

/// Tells who asks, and whether he may.
public struct Gatekeeper: Sendable {
    private let tokens: TokenFile?
    private let time: any TimeSource

    /// Without a file whoever is on this machine may read, and nobody may change anything.
    public init(_ tokens: TokenFile?, _ time: any TimeSource) {
        self.tokens = tokens
        self.time = time
    }

    func admit(_ request: HTTPServerRequest, to role: TokenRole) throws(Problem) -> Admission {
        guard let tokens else {
            guard Self.isMeantForThisMachine(request.header("Host")) else {
                throw Problem(
                    .forbidden,
                    "no tokens are set up here, so only 127.0.0.1 and localhost are answered, by these names")
            }
            if role == .read { return .open }
            throw Problem(.forbidden, "no tokens are set up here, so nothing can be changed (TORGHUT_API_TOKENS)")
        }
        guard let shown = request.header("Authorization"), shown.utf8.count <= 1_024,
            shown.prefix(7).lowercased() == "bearer "
        else { throw Problem(.unauthorized, "show a token: Authorization: Bearer …") }
        let token = String(shown.dropFirst(7).drop { $0 == " " })
        let digest = TokenFile.digest(of: token)
        guard let caller = tokens.caller(showing: digest, at: time.now()) else {
            throw Problem(.unauthorized, "the token is unknown, or has expired")
        }
        guard caller.may(role) else {
            throw Problem(.forbidden, "this needs a token with the role \(role.rawValue)")
        }
        return Admission(caller: caller) { [time] in
            tokens.caller(showing: digest, at: time.now())?.may(role) ?? false
        }
    }

    /// A foreign site's name can be made to lead here; then a browser would read for that site, under that name.
    private static func isMeantForThisMachine(_ host: String?) -> Bool {
        guard let host else { return true }
        if host.hasPrefix("[") { return true }
        let name = host.prefix { $0 != ":" }.lowercased()
        return name == "localhost" || name.utf8.allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) }
    }
}

/// That somebody was let in, and whether he still would be: an answer that goes on for long has to ask again.
public struct Admission: Sendable {
    let caller: Caller
    private let check: @Sendable () -> Bool

    init(caller: Caller, check: @escaping @Sendable () -> Bool) {
        self.caller = caller
        self.check = check
    }

    /// No token is needed.
    public static let open = Admission(caller: .nobody) { true }

    /// False once the token was taken out of the file, has expired, or may less.
    public var holds: Bool { check() }
}
