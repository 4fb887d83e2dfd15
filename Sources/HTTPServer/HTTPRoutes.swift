/// Which handler answers which method and path.
///
/// A part of a pattern that begins with a colon takes any one part of a path: `/v2/orders/:id`. Routes that were added
/// first are tried first.
public struct HTTPRoutes: Sendable {
    public typealias Handler = @Sendable (HTTPServerRequest, Parameters) async -> HTTPServerResponse

    /// What stood where the pattern had a name.
    public struct Parameters: Sendable {
        fileprivate var values: [(name: Substring, value: String)] = []

        /// A name that the pattern does not have is our mistake.
        public subscript(_ name: String) -> String {
            guard let found = values.first(where: { $0.name == name }) else {
                preconditionFailure("the route has no parameter '\(name)'")
            }
            return found.value
        }
    }

    private struct Route: Sendable {
        let method: String
        let pattern: [Substring]
        let handler: Handler
    }

    private var routes: [Route] = []

    public init() {}

    public mutating func on(_ method: String, _ pattern: String, _ handler: @escaping Handler) {
        precondition(pattern.hasPrefix("/"), "a pattern begins with a slash")
        routes.append(Route(method: method, pattern: pattern.dropFirst().split(separator: "/"), handler: handler))
    }

    /// 404 when no route has this path, 405 with the methods there are when none has this method.
    public func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        var methods: [String] = []
        for route in routes {
            guard let parameters = Self.match(route.pattern, request.path) else { continue }
            guard route.method == request.method else {
                if !methods.contains(route.method) { methods.append(route.method) }
                continue
            }
            return await route.handler(request, parameters)
        }
        guard !methods.isEmpty else { return .text("not found\n", status: 404) }
        var response = HTTPServerResponse.text("method not allowed\n", status: 405)
        response.headers.append(("Allow", methods.joined(separator: ", ")))
        return response
    }

    private static func match(_ pattern: [Substring], _ path: [String]) -> Parameters? {
        guard pattern.count == path.count else { return nil }
        var parameters = Parameters()
        for (part, value) in zip(pattern, path) {
            if part.hasPrefix(":") {
                guard !value.isEmpty else { return nil }
                parameters.values.append((part.dropFirst(), value))
            } else if part != value {
                return nil
            }
        }
        return parameters
    }
}
