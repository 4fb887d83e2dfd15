public import HTTPClient

/// A registry with Confluent's interface; blocks its thread while it waits for answers.
public struct SchemaRegistry: ~Copyable {
    private var client: HTTPClient
    private let base: String

    public init(_ address: String, limits: HTTPLimits = HTTPLimits(), trust: HTTPTrust = HTTPTrust()) {
        client = HTTPClient(limits: limits, trust: trust)
        base = Escaping.base(address)
    }

    /// The number under which the registry keeps the schema; the same schema again gets the same number.
    public mutating func register(_ subject: SubjectSchema) throws(RegistryError) -> Int {
        let type = "application/vnd.schemaregistry.v1+json"
        let request = HTTPRequest(
            .post, "\(base)/subjects/\(subject.subject)/versions", headers: [("Content-Type", type), ("Accept", type)],
            body: Self.body(of: subject))
        let response: HTTPResponse
        do { response = try client.send(request) } catch { throw .unanswered(error) }
        let answer = try? JSONTree(parsing: response.body)
        guard response.status == 200 else {
            throw .refused(status: response.status, message: Self.shortened(answer?["message"]?.text ?? ""))
        }
        guard let number = answer?["id"]?.integer else { throw .unreadable }
        return number
    }

    public static func body(of subject: SubjectSchema) -> [UInt8] {
        let schema = String(decoding: subject.document.compactText, as: UTF8.self)
        return JSONTree.object([.init("schemaType", .string("JSON")), .init("schema", .string(schema))]).compactText
    }

    /// Registries quote whole schemas in what they say.
    static let maximumMessageCharacters = 1_000

    private static func shortened(_ message: String) -> String {
        let line = message.prefix(maximumMessageCharacters).map { $0.isNewline ? " " : String($0) }.joined()
        return line.isEmpty ? "no message" : line
    }
}

/// Why a schema is not registered.
public enum RegistryError: Error, Equatable, Sendable {
    case unanswered(HTTPError)
    /// 409: it breaks the registry's rule. 422: it is no schema there. Anything else: the registry is in trouble.
    case refused(status: Int, message: String)
    /// It said yes, and gave no number.
    case unreadable
}

extension RegistryError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unanswered(let error): error.description
        case .refused(let status, let message): "refused with \(status): \(message)"
        case .unreadable: "the answer holds no id"
        }
    }
}
