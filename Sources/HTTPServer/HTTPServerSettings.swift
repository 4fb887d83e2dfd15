/// Where a server listens, and what a stranger may cost it.
public struct HTTPServerSettings: Sendable, Equatable {
    /// An IPv4 address; only this machine unless somebody says otherwise.
    public var host: String
    /// Zero takes a free one.
    public var port: UInt16
    /// A larger body is answered with 413, or cut off when it did not announce its length.
    public var maximumBodyBytes: Int
    /// Request line and headers together; more is answered with 431 or 414.
    public var maximumHeaderBytes: Int
    /// More than these wait in the backlog.
    public var maximumConnections: Int
    /// A connection on which nothing moves for so long is closed.
    public var idleTimeout: Duration
    /// How long a stop waits for answers that are being made.
    public var drainLimit: Duration
    /// How long a client may take for one whole request, counted from the opening of its connection or from the last
    /// answer, however busy it looks.
    public var receiveLimit: Duration
    /// How long a client may take to read one answer; streams have limits of their own.
    public var sendLimit: Duration
    /// Threads that look after connections; handlers run elsewhere.
    public var threads: Int
    /// Larger answers are compressed for clients that want it; `nil` compresses none.
    public var compressesAbove: Int?
    /// `nil` speaks plain HTTP.
    public var identity: HTTPServerIdentity?

    public init(
        host: String = "127.0.0.1", port: UInt16 = 0, maximumBodyBytes: Int = 1 << 20,
        maximumHeaderBytes: Int = 16 << 10, maximumConnections: Int = 256, idleTimeout: Duration = .seconds(30),
        drainLimit: Duration = .seconds(5), receiveLimit: Duration = .seconds(60), sendLimit: Duration = .seconds(60),
        threads: Int = 1, compressesAbove: Int? = nil, identity: HTTPServerIdentity? = nil
    ) {
        self.host = host
        self.port = port
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumConnections = maximumConnections
        self.idleTimeout = idleTimeout
        self.drainLimit = drainLimit
        self.receiveLimit = receiveLimit
        self.sendLimit = sendLimit
        self.threads = max(1, threads)
        self.compressesAbove = compressesAbove
        self.identity = identity
    }
}

/// Why a server does not listen.
public enum HTTPServerError: Error, Equatable, Sendable {
    case host(String)
    case notListening(host: String, port: UInt16)
    case identity(String, String)
}

extension HTTPServerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .host(let host): "'\(host)' is no IPv4 address"
        case .notListening(let host, let port): "cannot listen on \(host):\(port)"
        case .identity(let path, let fault): "\(path) \(fault)"
        }
    }
}
