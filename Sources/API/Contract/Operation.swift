public import HTTPServer

/// A parameter of a path or a query, described once: for the document, and for the check.
public struct Parameter: Sendable {
    public enum Place: String, Sendable { case path, query }

    public let name: String
    public let place: Place
    public let shape: Shape
    public let summary: String

    public init(_ name: String, in place: Place = .query, _ shape: Shape, _ summary: String) {
        self.name = name
        self.place = place
        self.shape = shape
        self.summary = summary
    }
}

/// One thing that can be asked, with everything that is known of it: the document and the server both read it here.
public struct Operation: Sendable {
    public enum Method: String, Sendable { case get = "GET", post = "POST" }

    /// A header of an answer, for the document.
    public struct Header: Sendable {
        public let name: String
        public let summary: String
        public let isAlways: Bool

        public init(_ name: String, _ summary: String, always: Bool = true) {
            self.name = name
            self.summary = summary
            isAlways = always
        }
    }

    public struct Answer: Sendable {
        public let status: Int
        public let summary: String
        public let mediaType: String
        public let shape: Shape
        public let headers: [Header]

        public init(
            _ status: Int, _ summary: String, _ shape: Shape, as mediaType: String = "application/json",
            headers: [Header] = []
        ) {
            self.headers = headers
            self.status = status
            self.summary = summary
            self.shape = shape
            self.mediaType = mediaType
        }
    }

    public typealias Body = @Sendable (Call) async throws -> HTTPServerResponse

    public let method: Method
    /// As `/trading/executions/{id}`.
    public let path: String
    public let id: String
    public let summary: String
    /// `nil` asks nobody who he is.
    public let role: TokenRole?
    public let parameters: [Parameter]
    /// What a JSON body looks like; `nil` takes none.
    public let body: Shape?
    public let answers: [Answer]
    /// Beyond those that follow from parameters, role and body.
    public let problems: [Problem.Code]
    public let run: Body

    public init(
        _ method: Method, _ path: String, id: String, _ summary: String, for role: TokenRole? = .read,
        parameters: [Parameter] = [], body: Shape? = nil, answers: [Answer], problems: [Problem.Code] = [],
        run: @escaping Body
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.summary = summary
        self.role = role
        self.parameters = parameters
        self.body = body
        self.answers = answers
        self.problems = problems
        self.run = run
    }

    /// Every problem it may answer with.
    var allProblems: [Problem.Code] {
        var codes: Set<Problem.Code> = [.malformedRequest, .internalError, .stopping]
        if role != nil { codes.formUnion([.unauthorized, .forbidden]) }
        // Unknown parameters are refused everywhere.
        codes.insert(.invalidParameter)
        if body != nil { codes.formUnion([.unsupportedMediaType, .invalidBody, .bodyTooLarge]) }
        if method == .post { codes.insert(.bodyTooLarge) }
        return codes.union(problems).sorted { ($0.status, $0.rawValue) < ($1.status, $1.rawValue) }
    }
}
