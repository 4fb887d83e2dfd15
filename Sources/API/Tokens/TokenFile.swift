public import Core
internal import Digest
internal import Glibc
internal import HTTPServer
internal import Synchronization

/// The file of tokens, read again whenever it changes: a token that was taken out is worth nothing from then on.
///
/// Only its owner may have access to it (or as `SecretFile` says). A file that cannot be read, or has a wrong line, allows nobody anything.
public final class TokenFile: Sendable {
    public static let maximumBytes = 1 << 20

    private struct Stamp: Equatable {
        let inode: UInt64
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    private struct Held {
        var stamp: Stamp?
        var tokens: [Token] = []
        var fault: String?
    }

    public let path: String
    private let held = Mutex(Held())

    public init(path: String) { self.path = path }

    /// Why nobody is allowed anything; `nil` when the file holds.
    public var fault: String? { current().fault }

    /// Whose token this is, if it is one of ours and still good.
    ///
    /// Every token is compared, also behind the one that fits.
    public func caller(showing token: String, at now: Timestamp) -> Caller? {
        caller(showing: Self.digest(of: token), at: now)
    }

    static func digest(of token: String) -> [UInt8] { SHA256.hash(Array(token.utf8)) }

    func caller(showing digest: [UInt8], at now: Timestamp) -> Caller? {
        var found: Caller?
        for token in current().tokens where token.matches(digest: digest) && !token.isExpired(at: now) {
            found = token.caller
        }
        return found
    }

    private func current() -> Held {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return Held(fault: "\(path) cannot be read") }
        let stamp = Stamp(
            inode: UInt64(status.st_ino), size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
        return held.withLock { held in
            if held.stamp == stamp, Self.isClosed(status) { return held }
            held = read(status, stamp)
            return held
        }
    }

    private func read(_ status: stat, _ stamp: Stamp) -> Held {
        guard Self.isClosed(status) else { return Held(fault: "\(path) is open to others; chmod 600 it") }
        guard status.st_size <= Self.maximumBytes else { return Held(fault: "\(path) is larger than 1 MiB") }
        guard let text = contents() else { return Held(fault: "\(path) cannot be read as UTF-8") }
        var held = Held(stamp: stamp)
        var names: Set<String> = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let first = line.first(where: { $0 != " " && $0 != "\t" }), first != "#" else { continue }
            do throws(TokenFault) { held.tokens.append(try Token(line: line)) } catch {
                return Held(stamp: stamp, fault: "\(path), line \(number + 1) \(error)")
            }
            names.insert(held.tokens[held.tokens.count - 1].caller.name)
        }
        guard names.count == held.tokens.count else {
            return Held(stamp: stamp, fault: "\(path) has a name twice: events could not tell who it was")
        }
        return held
    }

    private static func isClosed(_ status: stat) -> Bool {
        SecretFile.isClosed(mode: status.st_mode, owner: status.st_uid)
    }

    private func contents() -> String? {
        guard let file = unsafe fopen(path, "re") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Self.maximumBytes)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return String(validating: bytes.prefix(count), as: UTF8.self)
    }
}
