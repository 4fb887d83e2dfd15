internal import HTTPServer

/// `/openapi.json`: made once from the operations it stands beside, itself included.
public enum DocumentOperation {
    public static func made(of operations: [Operation]) -> Operation {
        let own = operation(bytes: [])
        return operation(bytes: OpenAPIDocument.bytes(operations + [own], title: "Torghut", version: "1"))
    }

    private static func operation(bytes: [UInt8]) -> Operation {
        Operation(
            .get, "/openapi.json", id: "getDocument", "This document.", for: nil,
            answers: [Operation.Answer(200, "OpenAPI 3.1.", .document)]
        ) { _ in .json(bytes) }
    }
}
