/// Why bytes are not a document we take, and where.
public enum JSONError: Error, Equatable, Sendable {
    /// `reason` is the parser's own sentence; `byte` is the first byte of the token at which reading stopped.
    case malformed(byte: Int, reason: String)
    case limitExceeded(name: String, allowed: Int, actual: Int)
    /// The name occurs twice in the object at `path` (`$.a[3]`).
    case duplicateKey(String, path: String)
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let byte, let reason): "not JSON at byte \(byte): \(reason)"
        case .limitExceeded(let name, let allowed, let actual): "\(name) is \(allowed), and this is \(actual)"
        case .duplicateKey(let key, let path): "the key '\(key)' occurs twice in \(path)"
        }
    }
}
