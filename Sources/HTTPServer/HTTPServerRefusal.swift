/// What the server itself refuses, before any handler sees it.
public enum HTTPServerRefusal: Sendable, Equatable {
    case bodyTooLarge(limit: Int)
    /// It holds a NUL, or is no UTF-8 when decoded.
    case unreadablePath
    case unreadableQuery
    /// The length of the body is said twice: who is asked and who stands before him may understand two requests.
    case ambiguousLength
    /// The server is being stopped.
    case stopping

    public var status: Int {
        switch self {
        case .bodyTooLarge: 413
        case .unreadablePath, .unreadableQuery, .ambiguousLength: 400
        case .stopping: 503
        }
    }

    /// As plain text, where nothing better is asked for.
    public var text: HTTPServerResponse {
        switch self {
        case .bodyTooLarge: .text("the body is too large\n", status: status)
        case .unreadablePath: .text("the path is unreadable\n", status: status)
        case .unreadableQuery: .text("the query is unreadable\n", status: status)
        case .ambiguousLength: .text("the length of the body is ambiguous\n", status: status)
        case .stopping: .text("stopping\n", status: status)
        }
    }
}
