/// Opens connections: certificates are verified, plain text stays on this machine unless its owner said otherwise.
public final class WebSocketClient: Sendable {
    private let loop: SocketLoop

    /// Starts the thread that all connections of this client share.
    public init(_ settings: WebSocketSettings = WebSocketSettings()) throws(WebSocketError) {
        loop = try SocketLoop(settings, listening: nil, accept: nil)
    }

    /// The connection, open within its time.
    public func connect(_ address: String) async throws(WebSocketError) -> WebSocketConnection {
        let settings = loop.settings
        let connection = loop.dial(try ClientAddress(address, settings))
        let watchdog = Task {
            // A wait that is cancelled was not needed.
            guard (try? await Task.sleep(for: settings.openTimeout)) != nil else { return }
            connection.end(.failure(.timedOut(after: settings.openTimeout)))
            connection.drop()
        }
        let opened = await connection.whenOpen()
        watchdog.cancel()
        try opened.get()
        return connection
    }

    /// Ends all connections.
    public func stop() async { await loop.stop() }

    deinit { loop.requestStop() }
}
