/// A whole request: body read, limits held.
public struct HTTPServerRequest: Sendable {
    /// As it was sent: `GET`, `PATCH`.
    public let method: String
    /// Path and query exactly as they were sent, for whoever passes them on.
    public let target: String
    /// The path between its slashes, each part decoded by itself: a slash that was escaped stays inside its part.
    public let path: [String]
    /// In the order they were sent, decoded.
    public let query: [(name: String, value: String)]
    /// In the order they were sent.
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    public init(
        method: String, target: String, path: [String], query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.target = target
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first header of this name, however it is capitalised.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
}
