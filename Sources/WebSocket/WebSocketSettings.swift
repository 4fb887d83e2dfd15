/// What a connection may cost, and how its death is noticed.
public struct WebSocketSettings: Sendable, Equatable {
    /// From the first look at the address to the open connection.
    public var openTimeout: Duration
    public var maximumMessageBytes: Int
    /// Messages that came and were not read: above it nothing more is taken from the socket.
    ///
    /// Also the most that wait to be sent.
    public var maximumQueuedMessages: Int
    /// When nothing came for so long, the other side is asked whether it lives.
    public var pingAfter: Duration
    /// When nothing came for so long, the connection is dead.
    public var deadAfter: Duration
    /// A PEM file instead of the machine's own authorities.
    public var authorities: String?
    /// Plain `ws` leaves the machine only when its owner said so.
    public var plainBeyondLoopback: Bool

    public init(
        openTimeout: Duration = .seconds(10), maximumMessageBytes: Int = 1 << 20, maximumQueuedMessages: Int = 1024,
        pingAfter: Duration = .seconds(10), deadAfter: Duration = .seconds(20), authorities: String? = nil,
        plainBeyondLoopback: Bool = false
    ) {
        precondition(maximumQueuedMessages > 0 && maximumMessageBytes > 0 && deadAfter > pingAfter, "limits contradict")
        self.openTimeout = openTimeout
        self.maximumMessageBytes = maximumMessageBytes
        self.maximumQueuedMessages = maximumQueuedMessages
        self.pingAfter = pingAfter
        self.deadAfter = deadAfter
        self.authorities = authorities
        self.plainBeyondLoopback = plainBeyondLoopback
    }
}
