/// Why there is no answer.
public enum HTTPError: Error, Equatable, Sendable {
    /// The address is none, or asks for what this client does not do.
    case address(String)
    /// Nobody there, or the connection was lost.
    case unreachable(String)
    /// The other side could not prove who it is.
    case untrusted(String)
    case timedOut(after: Duration)
    case tooLarge(allowed: Int)
    /// All connections of a pool were in use for as long as the request may take.
    case busy
    /// Whoever sends it forbade it when the connection stood: not a byte of it went out.
    case forbidden
}

extension HTTPError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .address(let what): what
        case .unreachable(let what): "no answer: \(what)"
        case .untrusted(let what): "not trusted: \(what)"
        case .timedOut(let limit): "no answer within \(limit)"
        case .tooLarge(let allowed): "the answer has more than its limit, \(allowed)"
        case .busy: "no free connection"
        case .forbidden: "kept back before its first byte"
        }
    }
}
