internal import Glibc

/// The files a server proves with who it is: with them it speaks TLS 1.2 and 1.3, and nothing else.
public struct HTTPServerIdentity: Sendable, Equatable {
    /// PEM: our certificate, then those that lead to an authority.
    public let certificate: String
    /// PEM; nobody but its owner may read or change it (or as `SecretFile` says).
    public let key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Both files' text, ending in a NUL.
    func read() throws(HTTPServerError) -> (certificate: [CChar], key: [CChar]) {
        var found = stat()
        guard unsafe stat(key, &found) == 0 else { throw .identity(key, "cannot be read") }
        guard SecretFile.isClosed(mode: found.st_mode, owner: found.st_uid) else {
            throw .identity(key, "is open to others; chmod 600 it")
        }
        return (try Self.text(certificate), try Self.text(key))
    }

    static func text(_ path: String) throws(HTTPServerError) -> [CChar] {
        guard let file = unsafe fopen(path, "re") else { throw .identity(path, "cannot be read") }
        defer { unsafe fclose(file) }
        // Longer chains than this are a mistake.
        var bytes = [CChar](repeating: 0, count: 1 << 17)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        guard count > 0, count < bytes.count else { throw .identity(path, "is empty, or larger than 128 KiB") }
        bytes.removeLast(bytes.count - count - 1)
        return bytes
    }
}
