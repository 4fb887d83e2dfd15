internal import HTTPClient
internal import JSON

/// Asks neighbours over HTTP, each question within its limits.
struct DownstreamQuestions: Sendable {
    /// Why there is no answer to read, in words for the line.
    struct Unanswered: Error { let why: String }

    /// Of what somebody else says, so much is repeated.
    static let maximumQuoted = 200

    private let pool: HTTPPool

    init(_ settings: DownstreamSettings, trust: HTTPTrust? = nil) {
        pool = HTTPPool(lanes: 4, limits: settings.limits, trust: trust ?? settings.trust)
    }

    func get(
        _ address: String, headers: [(name: String, value: String)] = []
    ) async throws(Unanswered) -> HTTPResponse {
        try await ask(HTTPRequest(.get, address, headers: headers + [("Accept", "application/json, text/plain")]))
    }

    func ask(_ request: HTTPRequest) async throws(Unanswered) -> HTTPResponse {
        do { return try await pool.exchange(request).result.get() } catch {
            throw Unanswered(why: error.description)
        }
    }

    /// The body of an answer that has to be 200.
    func body(_ request: HTTPRequest) async throws(Unanswered) -> [UInt8] {
        let response = try await ask(request)
        guard response.status == 200 else {
            throw Unanswered(why: "it answers \(response.status): \(Self.quoted(response.body))")
        }
        return response.body
    }

    static func quoted(_ text: String) -> String { quoted(Array(text.utf8)) }

    /// The first line of what somebody said, shortened, without anything that a terminal would obey.
    static func quoted(_ body: [UInt8]) -> String {
        let line = String(decoding: body.prefix(4 * maximumQuoted), as: UTF8.self).prefix { !$0.isNewline }
        let text = String(
            line.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }.map(Character.init))
        return text.isEmpty ? "nothing" : String(text.prefix(maximumQuoted))
    }
}
