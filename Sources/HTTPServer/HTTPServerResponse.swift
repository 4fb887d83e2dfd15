/// What is sent back, or that nothing is.
public struct HTTPServerResponse: Sendable {
    public enum Body: Sendable {
        case bytes([UInt8])
        /// Piece by piece, each made when the last has left; `nil` ends it, and an error cuts the connection.
        ///
        /// With a length it is announced, without one the body is chunked.
        case stream(length: Int?, next: @Sendable () async throws -> [UInt8]?)
        /// A stream of server-sent events, for as long as both sides want it.
        case events(EventFeed)
        /// No answer: the connection is closed.
        case none
    }

    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: Body
    /// Who asked, by the name he is known by here: for the log of requests alone, and never sent.
    public var caller: String?

    public init(status: Int, headers: [(name: String, value: String)] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPServerResponse {
        HTTPServerResponse(status: status, headers: [("Content-Type", "application/json")], body: .bytes(bytes))
    }

    public static func text(_ text: String, status: Int = 200) -> HTTPServerResponse {
        HTTPServerResponse(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: .bytes(Array(text.utf8)))
    }

    /// Begins a stream of events.
    public static func events(_ feed: EventFeed) -> HTTPServerResponse {
        HTTPServerResponse(
            status: 200, headers: [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")],
            body: .events(feed))
    }

    /// Closes the connection without a word.
    public static let hangUp = HTTPServerResponse(status: 0, body: .none)
}
