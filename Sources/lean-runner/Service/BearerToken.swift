import Core
import HTTPServer

/// Whom the runner lets in: everybody without a token, else who shows it.
struct BearerToken: Sendable {
    private let expected: Secret<[UInt8]>?

    init(_ token: Secret<String>?) {
        expected = token.map { Secret(Array("Bearer \($0.reveal())".utf8)) }
    }

    var isAsked: Bool { expected != nil }

    func admits(_ request: HTTPServerRequest) -> Bool {
        guard let expected else { return true }
        return Self.equal(Array((request.header("Authorization") ?? "").utf8), expected.reveal())
    }

    /// Takes as long for a near miss as for any other.
    static func equal(_ shown: [UInt8], _ expected: [UInt8]) -> Bool {
        var difference = shown.count ^ expected.count
        for index in expected.indices {
            difference |= Int((index < shown.count ? shown[index] : 0) ^ expected[index])
        }
        return difference == 0
    }
}
