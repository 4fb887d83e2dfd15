/// What a request met, for whoever must prove whether it could have been received.
public struct HTTPExchange: Sendable {
    public let result: Result<HTTPResponse, HTTPError>
    public let evidence: HTTPEvidence

    public init(_ result: Result<HTTPResponse, HTTPError>, _ evidence: HTTPEvidence) {
        self.result = result
        self.evidence = evidence
    }
}

/// How far a request came.
///
/// When there was no connection, not one byte of it can have arrived; once there was one, nothing is certain.
public struct HTTPEvidence: Sendable, Equatable {
    /// Whether a connection, sealed where it should be, stood ready for this request, and it was let go.
    public var isConnected: Bool
    /// From the call to that moment, the last before its first byte; `nil` when it did not come.
    public var connected: Duration?
    /// Bytes of the request, head and body, that were handed to the connection.
    public var sentBytes: Int
    public var receivedBytes: Int
    /// Whether the connection had been used before.
    public var isReused: Bool
    /// From the call to the first byte of the answer; `nil` when none came.
    public var firstByte: Duration?
    public var total: Duration

    public init(
        isConnected: Bool = false, connected: Duration? = nil, sentBytes: Int = 0, receivedBytes: Int = 0,
        isReused: Bool = false, firstByte: Duration? = nil, total: Duration = .zero
    ) {
        self.isConnected = isConnected
        self.connected = connected
        self.sentBytes = sentBytes
        self.receivedBytes = receivedBytes
        self.isReused = isReused
        self.firstByte = firstByte
        self.total = total
    }
}
