package import HTTPServer

extension ReadOperations {
    /// The statement behind a request for orders, for whoever measures what everything around it costs.
    package static func executionsStatement(_ request: HTTPServerRequest) throws -> String {
        let operation = Operation(
            .get, "/trading/executions", id: "listExecutions", "", parameters: ExecutionsList.list.parameters,
            answers: []
        ) { _ in throw Problem(.notFound, "nobody runs it") }
        let arguments = try operation.arguments([:], request.query)
        return try ReadQuery(ExecutionsList.list, Call(request: request, admission: .open, arguments: arguments)).sql
    }
}
