import HTTPServer
import JSON

/// What a route answers: an object, to which the envelope adds its audit.
struct RunnerReply: Sendable {
    enum Body: Sendable {
        /// The text of an object, without its audit.
        case object([UInt8])
        /// Something that is no JSON, as a picture; its audit goes into a header.
        case plain(HTTPServerResponse)
    }

    var status: Int
    var body: Body
    /// Whether this answer was given before.
    var isReplay = false
    /// Set when the answer tells a failure, also one that was stored.
    var taxonomy: RunnerFault.Taxonomy?

    init(status: Int = 200, object bytes: [UInt8]) {
        self.status = status
        body = .object(bytes)
    }

    init(status: Int = 200, _ document: Document) { self.init(status: status, object: document.bytes) }

    /// Writes the fields of the object.
    init(status: Int = 200, _ fields: (inout JSONWriter) -> Void) {
        var json = JSONWriter(reserving: 512)
        json.object(fields)
        self.init(status: status, object: json.finish())
    }

    init(plain response: HTTPServerResponse) {
        status = response.status
        body = .plain(response)
    }

    init(_ fault: RunnerFault) {
        self.init(status: fault.status, fault.body)
        taxonomy = fault.taxonomy
    }
}
