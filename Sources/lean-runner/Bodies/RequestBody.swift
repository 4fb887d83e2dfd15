import HTTPServer
import JSON

/// The body of a request as an object, or the refusal that it deserves.
enum RequestBody {
    static func object(of request: HTTPServerRequest) throws(RunnerFault) -> [Document.Field] {
        if let type = request.header("Content-Type") {
            let kind = type.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
            guard kind == "application/json" || kind.hasSuffix("+json") else {
                throw RunnerFault(
                    415, .notSent, code: "contract_invalid",
                    detail: "the body is \(kind.prefix(64)), not application/json",
                    taxonomy: .contract)
            }
        }
        guard !request.body.isEmpty else { throw .invalid("the body is empty") }
        let document: Document
        do { document = try Document(request.body) } catch { throw .invalid("the body is \(error)") }
        guard let fields = document.fields else { throw .invalid("the body is no object") }
        return fields
    }

    static func strict(of request: HTTPServerRequest) throws(RunnerFault) -> StrictFields {
        StrictFields(try object(of: request))
    }

    /// For requests that say everything by their address: an empty body, or an empty object.
    static func none(of request: HTTPServerRequest) throws(RunnerFault) {
        guard !request.body.isEmpty else { return }
        try strict(of: request).finish()
    }
}
