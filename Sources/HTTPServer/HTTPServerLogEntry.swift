/// One request and what became of it, for a log: no header, no query, no body, since those may hold secrets.
public struct HTTPServerLogEntry: Sendable {
    /// A longer path is cut here.
    public static let maximumPathBytes = 256

    public let method: String
    /// As it was sent, without the query.
    public let path: String
    /// 0 when the connection was closed without an answer.
    public let status: Int
    /// Who asked, where the handler knows it.
    public let caller: String?
    /// Of the body as it was sent; `nil` of one that was made while it was sent.
    public let bodyBytes: Int?
    /// From the request's first line to the answer's last byte.
    public let duration: Duration
    /// Whether the client has got all of it.
    public let isComplete: Bool

    init(_ exchange: Exchange, isComplete: Bool) {
        method = String(exchange.method.prefix(16))
        path = String(decoding: exchange.target.utf8.prefix { $0 != 0x3F }.prefix(Self.maximumPathBytes), as: UTF8.self)
        status = exchange.sent?.status ?? 0
        caller = exchange.sent?.caller
        if case .bytes(let bytes) = exchange.sent?.body { bodyBytes = bytes.count } else { bodyBytes = nil }
        duration = ContinuousClock.now - exchange.arrivedAt
        self.isComplete = isComplete
    }
}
