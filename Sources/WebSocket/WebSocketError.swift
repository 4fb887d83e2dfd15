/// Why there is no connection, or none any more.
public enum WebSocketError: Error, Equatable, Sendable {
    /// The address is none, or asks for what this client does not do.
    case address(String)
    /// The connection was never opened: nobody there, not trusted, or not a WebSocket.
    case notOpened(String)
    /// The other side answered the handshake with this status of HTTP.
    case refused(status: Int)
    case timedOut(after: Duration)
    /// It ended without a farewell, or one of our own ended it.
    case lost
    /// A message of the other side had more than `maximumMessageBytes`.
    case tooLarge(allowed: Int)
    /// The other side does not read: `maximumQueuedMessages` or bytes wait to be sent.
    case full
    case notListening(host: String, port: UInt16)
    case noThread
}

extension WebSocketError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .address(let what): what
        case .notOpened(let what): "not opened: \(what)"
        case .refused(let status): "the handshake was answered with \(status)"
        case .timedOut(let limit): "not open within \(limit)"
        case .lost: "the connection is lost"
        case .tooLarge(let allowed): "a message has more than maximumMessageBytes, \(allowed)"
        case .full: "too much waits to be sent"
        case .notListening(let host, let port): "cannot listen on \(host):\(port)"
        case .noThread: "no thread could be started"
        }
    }
}
