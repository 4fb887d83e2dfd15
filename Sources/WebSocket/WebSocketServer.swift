/// Listens for WebSockets; every connection is a task of its own, and ends with it.
public final class WebSocketServer: Sendable {
    private let loop: SocketLoop
    public let port: UInt16

    public init(
        host: String = "127.0.0.1", port: UInt16 = 0, _ settings: WebSocketSettings = WebSocketSettings(),
        accept: @escaping @Sendable (WebSocketConnection) async -> Void
    ) throws(WebSocketError) {
        loop = try SocketLoop(settings, listening: (host, port), accept: accept)
        self.port = loop.port
    }

    /// Stops listening and ends all connections.
    public func stop() async { await loop.stop() }

    deinit { loop.requestStop() }
}
