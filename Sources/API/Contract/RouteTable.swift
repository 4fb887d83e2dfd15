public import HTTPServer

/// All operations of a server: finds the one a request is for, checks the request by its description, and runs it.
///
/// What is not declared is not served; what is declared is in the document.
public struct RouteTable: Sendable {
    private struct Entry: Sendable {
        let operation: Operation
        let pattern: [Substring]
    }

    public let operations: [Operation]
    private let entries: [Entry]
    private let gate: Gatekeeper
    private let metrics: APIMetrics
    private let spans: ServerSpans?
    private let report: @Sendable (Operation, any Error) -> Void

    /// `report` hears of what went wrong inside.
    public init(
        _ operations: [Operation], _ gate: Gatekeeper, _ metrics: APIMetrics, spans: ServerSpans? = nil,
        report: @escaping @Sendable (Operation, any Error) -> Void
    ) {
        precondition(Set(operations.map(\.id)).count == operations.count, "two operations have one id")
        self.operations = operations
        self.gate = gate
        self.metrics = metrics
        self.spans = spans
        self.report = report
        entries = operations.map { operation in
            let pattern = operation.path.dropFirst().split(separator: "/")
            let names = Set(pattern.compactMap(Self.name))
            let declared = Set(operation.parameters.filter { $0.place == .path }.map(\.name))
            precondition(names == declared, "\(operation.path) declares other parts than it has")
            return Entry(operation: operation, pattern: pattern)
        }
    }

    public func answer(_ request: HTTPServerRequest) async -> HTTPServerResponse {
        let began = ContinuousClock.now
        var methods: [String] = []
        for entry in entries {
            guard let parts = Self.match(entry.pattern, request.path) else { continue }
            guard entry.operation.serves(request.method) else {
                methods += entry.operation.methods
                continue
            }
            metrics.began()
            let span = spans?.begin(request)
            let response = await run(entry.operation, parts, request, span)
            if let span { spans?.end(span, entry.operation, request, response.status) }
            metrics.ended(entry.operation, response.status, ContinuousClock.now - began)
            return response
        }
        metrics.ended(nil, methods.isEmpty ? 404 : 405, ContinuousClock.now - began)
        guard !methods.isEmpty else { return Problem(.notFound, "there is nothing at this path").response }
        var problem = Problem(.methodNotAllowed, "this path does not take \(request.method.prefix(16))")
        problem.headers.append((name: "Allow", value: methods.joined(separator: ", ")))
        return problem.response
    }

    private func run(
        _ operation: Operation, _ parts: [String: String], _ request: HTTPServerRequest, _ span: ServerSpan?
    ) async -> HTTPServerResponse {
        var caller: Caller?
        do {
            let admission = try operation.role.map { role throws(Problem) in try gate.admit(request, to: role) }
            caller = admission?.caller
            let arguments = try operation.arguments(parts, request.query)
            try operation.checkBody(request)
            var call = Call(request: request, admission: admission ?? .open, arguments: arguments)
            call.span = span
            var response = try await operation.run(call)
            response.caller = caller?.name
            return response
        } catch {
            let problem = Problem(hiding: error)
            metrics.refused(problem)
            if !(error is Problem) || problem.code == .internalError { report(operation, error) }
            var response = problem.response
            response.caller = caller?.name
            return response
        }
    }

    private static func name(_ part: Substring) -> String? {
        part.hasPrefix("{") && part.hasSuffix("}") ? String(part.dropFirst().dropLast()) : nil
    }

    private static func match(_ pattern: [Substring], _ path: [String]) -> [String: String]? {
        guard pattern.count == path.count else { return nil }
        var parts: [String: String] = [:]
        for (part, value) in zip(pattern, path) {
            if let name = name(part) {
                guard !value.isEmpty else { return nil }
                parts[name] = value
            } else if part != value {
                return nil
            }
        }
        return parts
    }
}

extension Operation {
    /// Whoever may GET may ask for the headers alone.
    var methods: [String] { method == .get ? ["GET", "HEAD"] : [method.rawValue] }

    func serves(_ method: String) -> Bool { methods.contains(method) }
}
