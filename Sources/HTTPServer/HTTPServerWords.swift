/// What a server says besides its handler's answers: to clients it refuses, and to whoever keeps a log.
public struct HTTPServerWords: Sendable {
    public let refusing: @Sendable (HTTPServerRefusal) -> HTTPServerResponse
    /// Called when a request is over, on the thread of its connection: it must not wait.
    public let log: (@Sendable (HTTPServerLogEntry) -> Void)?

    public init(
        refusing: @escaping @Sendable (HTTPServerRefusal) -> HTTPServerResponse = \.text,
        log: (@Sendable (HTTPServerLogEntry) -> Void)? = nil
    ) {
        self.refusing = refusing
        self.log = log
    }
}
