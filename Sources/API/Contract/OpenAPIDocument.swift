internal import JSON

/// The operations as an OpenAPI 3.1 document: made from the table that serves, so it cannot say anything else.
public enum OpenAPIDocument {
    public static func bytes(_ operations: [Operation], title: String, version: String) -> [UInt8] {
        var json = JSONWriter(reserving: 64 << 10)
        json.object { json in
            json.key("openapi")
            json.string("3.1.0")
            json.key("info")
            json.object { json in
                json.key("title")
                json.string(title)
                json.key("version")
                json.string(version)
            }
            json.key("paths")
            json.object { json in
                for path in paths(operations) {
                    json.key(path)
                    json.object { json in
                        for operation in operations where operation.path == path {
                            json.key(operation.method.rawValue.lowercased())
                            write(operation, to: &json)
                        }
                    }
                }
            }
            json.key("components")
            components(&json)
        }
        return json.finish()
    }

    /// Each once, in the order of the table.
    private static func paths(_ operations: [Operation]) -> [String] {
        operations.reduce(into: []) { if !$0.contains($1.path) { $0.append($1.path) } }
    }

    private static func write(_ operation: Operation, to json: inout JSONWriter) {
        json.object { json in
            json.key("operationId")
            json.string(operation.id)
            json.key("summary")
            json.string(operation.summary)
            if let role = operation.role {
                json.key("description")
                json.string("Needs a token with the role `\(role.rawValue)`.")
                json.key("security")
                json.array { json in
                    if role == .read { json.object { _ in } }
                    json.object { json in
                        json.key("bearer")
                        json.array { _ in }
                    }
                }
            }
            if !operation.parameters.isEmpty {
                json.key("parameters")
                json.array { json in for parameter in operation.parameters { write(parameter, to: &json) } }
            }
            if let body = operation.body {
                json.key("requestBody")
                json.object { json in
                    json.key("required")
                    json.bool(true)
                    content("application/json", body, &json)
                }
            }
            json.key("responses")
            responses(operation, &json)
        }
    }

    private static func write(_ parameter: Parameter, to json: inout JSONWriter) {
        json.object { json in
            json.key("name")
            json.string(parameter.name)
            json.key("in")
            json.string(parameter.place.rawValue)
            json.key("required")
            json.bool(parameter.place == .path)
            json.key("description")
            json.string(parameter.summary)
            json.key("schema")
            parameter.shape.write(to: &json)
        }
    }

    private static func content(_ mediaType: String, _ shape: Shape, _ json: inout JSONWriter) {
        json.key("content")
        json.object { json in
            json.key(mediaType)
            json.object { json in
                json.key("schema")
                shape.write(to: &json)
            }
        }
    }

    /// Problems of one status stand together.
    private static func responses(_ operation: Operation, _ json: inout JSONWriter) {
        json.object { json in
            for answer in operation.answers {
                json.key("\(answer.status)")
                json.object { json in
                    json.key("description")
                    json.string(answer.summary)
                    write(answer.headers, to: &json)
                    // Not modified has no body.
                    if answer.status != 304 { content(answer.mediaType, answer.shape, &json) }
                }
            }
            let own = Set(operation.answers.map(\.status))
            let problems = operation.allProblems
            for status in Set(problems.map(\.status)).subtracting(own).sorted() {
                json.key("\(status)")
                json.object { json in
                    json.key("description")
                    json.string(problems.filter { $0.status == status }.map(\.title).joined(separator: "; "))
                    json.key("content")
                    json.object { json in
                        json.key(Problem.mediaType)
                        json.object { json in
                            json.key("schema")
                            json.object { json in
                                json.key("$ref")
                                json.string("#/components/schemas/Problem")
                            }
                        }
                    }
                }
            }
        }
    }

    private static func write(_ headers: [Operation.Header], to json: inout JSONWriter) {
        guard !headers.isEmpty else { return }
        json.key("headers")
        json.object { json in
            for header in headers {
                json.key(header.name)
                json.object { json in
                    json.key("description")
                    json.string(header.summary)
                    json.key("required")
                    json.bool(header.isAlways)
                    json.key("schema")
                    Shape.content(maximum: 16 << 10).write(to: &json)
                }
            }
        }
    }

    private static func components(_ json: inout JSONWriter) {
        json.object { json in
            json.key("securitySchemes")
            json.object { json in
                json.key("bearer")
                json.object { json in
                    json.key("type")
                    json.string("http")
                    json.key("scheme")
                    json.string("bearer")
                }
            }
            json.key("schemas")
            json.object { json in
                json.key("Problem")
                problem.write(to: &json)
            }
        }
    }

    private static let problem = Shape.object(
        [
            Shape.Field("type", .text(maximum: 128)), Shape.Field("title", .text(maximum: 128)),
            Shape.Field("status", .integer(400...599)),
            Shape.Field("code", .choice(Problem.Code.allCases.map(\.rawValue))),
            Shape.Field("detail", .text(maximum: 4_096)),
            Shape.Field(
                "errors",
                .list(
                    .object(
                        [Shape.Field("name", .any), Shape.Field("reason", .any)], isClosed: true),
                    maximum: 1_024), required: false),
        ], isClosed: true)
}
