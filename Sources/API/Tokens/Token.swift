internal import Core
internal import Digest

/// One line of the file of tokens: a name, what it may, until when, and the token itself or its SHA-256.
struct Token: Sendable {
    let caller: Caller
    let expires: Timestamp?
    /// Only this is kept: two of equal length are compared, whatever was shown.
    private let digest: [UInt8]

    /// `NAME ROLE[,ROLE] TOKEN [EXPIRES]`; the token may be written `sha256:HEX`.
    init(line: Substring) throws(TokenFault) {
        let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard parts.count == 3 || parts.count == 4 else { throw .shape }
        var roles: Set<TokenRole> = []
        for name in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            guard let role = TokenRole(rawValue: String(name)) else { throw .role(String(name)) }
            roles.insert(role)
        }
        guard Shape.isName(parts[0], 64) else { throw .name }
        caller = Caller(name: parts[0], roles: roles)
        if parts.count == 4 {
            do { expires = try Timestamp(parts[3]) } catch { throw .expiry(parts[3]) }
        } else {
            expires = nil
        }
        if parts[2].hasPrefix("sha256:") {
            guard let bytes = Self.bytes(hex: parts[2].dropFirst(7)) else { throw .digest }
            digest = bytes
        } else {
            guard parts[2].utf8.count >= Self.minimumBytes else { throw .short }
            digest = SHA256.hash(Array(parts[2].utf8))
        }
    }

    /// A shorter one could be guessed.
    static let minimumBytes = 16

    func isExpired(at now: Timestamp) -> Bool { expires.map { $0 <= now } ?? false }

    /// Takes as long for a near miss as for any other.
    func matches(digest shown: [UInt8]) -> Bool {
        precondition(digest.count == 32 && shown.count == 32, "a SHA-256 has 32 bytes")
        var difference: UInt8 = 0
        for index in 0..<32 { difference |= digest[index] ^ shown[index] }
        return difference == 0
    }

    private static func bytes(hex: Substring) -> [UInt8]? {
        let digits = hex.utf8.map { byte -> UInt8? in
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x61...0x66: byte - 0x61 + 10
            default: nil
            }
        }
        guard digits.count == 64, !digits.contains(nil) else { return nil }
        return stride(from: 0, to: 64, by: 2).map { (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0) }
    }
}

/// What is wrong with a line; never what stands in it.
enum TokenFault: Error, Equatable, CustomStringConvertible {
    case shape, name, digest, short
    case role(String)
    case expiry(String)

    var description: String {
        switch self {
        case .shape: "is not NAME ROLES TOKEN [EXPIRES]"
        case .name: "has a name that is not 1 to 64 letters, digits or ._:/@+-"
        case .digest: "has a sha256: that is not 64 hexadecimal digits"
        case .short: "has a token of fewer than \(Token.minimumBytes) bytes"
        case .role(let name): "names the role '\(name)'; there are \(TokenRole.allCases.map(\.rawValue))"
        case .expiry(let text): "expires at '\(text)', which is no time"
        }
    }
}
