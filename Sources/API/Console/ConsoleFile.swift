internal import HTTPServer

/// A file of the console as it is sent: read once, when the process starts.
public struct ConsoleFile: Sendable {
    /// What a file may be, by how its name ends; others are not served.
    public enum Kind: String, Sendable, CaseIterable {
        case page = "html"
        case script = "js"
        case style = "css"
        case picture = "svg"

        public var mediaType: String {
            switch self {
            case .page: "text/html; charset=utf-8"
            case .script: "text/javascript; charset=utf-8"
            case .style: "text/css; charset=utf-8"
            case .picture: "image/svg+xml"
            }
        }

        /// By a name of lower-case letters, digits, dashes and dots, as `overview.html`; `nil` is no file of ours.
        public init?(of name: String) {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            let isPlain = name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
            }
            guard isPlain, parts.count >= 2, !parts.contains(""), let last = parts.last else { return nil }
            self.init(rawValue: String(last))
        }
    }

    let kind: Kind
    private let bytes: [UInt8]
    private let tag: EntityTag

    public init(_ kind: Kind, _ bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
        tag = EntityTag(of: bytes)
    }

    func answer(to request: HTTPServerRequest) -> HTTPServerResponse {
        var headers = [(name: "ETag", value: tag.text), (name: "Cache-Control", value: "no-cache")]
        headers += ConsoleGuard.headers
        if tag.isKnown(to: request) { return HTTPServerResponse(status: 304, headers: headers) }
        headers.insert((name: "Content-Type", value: kind.mediaType), at: 0)
        return HTTPServerResponse(status: 200, headers: headers, body: .bytes(bytes))
    }
}
