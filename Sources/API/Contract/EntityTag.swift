internal import Digest
internal import HTTPServer

/// What tells one version of an answer from another, so that nobody is sent what he has.
///
/// It is a weak one: an answer that was compressed on its way is the same to whoever reads it.
struct EntityTag: Sendable, Equatable {
    let text: String

    init(of bytes: [UInt8]) { text = "W/\"\(String(XXH3.hash(bytes), radix: 16))\"" }

    /// Whether whoever asks has this version already.
    func isKnown(to request: HTTPServerRequest) -> Bool {
        let known = (request.header("If-None-Match") ?? "").split(separator: ",").map { tag in
            tag.drop { $0 == " " }.prefix { $0 != " " }
        }
        return known.contains { $0 == text || $0 == "*" }
    }
}
