/// What a file may cost before it is refused.
public struct YAMLLimits: Sendable, Equatable {
    public var maximumBytes: Int
    /// Mappings and sequences inside one another.
    public var maximumDepth: Int
    /// Scalars, sequences and mappings in all documents together.
    public var maximumNodes: Int

    public init(maximumBytes: Int = 1 << 20, maximumDepth: Int = 32, maximumNodes: Int = 100_000) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
        self.maximumNodes = maximumNodes
    }
}

/// Why a text is not YAML we take, and on which line.
public enum YAMLError: Error, Equatable, Sendable {
    case malformed(line: Int, column: Int, reason: String)
    case limitExceeded(name: String, allowed: Int, line: Int)
    case duplicateKey(String, line: Int)
    /// Legal YAML that we do not take: aliases, anchors, tags, keys that are not scalars.
    case unsupported(String, line: Int)
}

extension YAMLError {
    public var line: Int {
        switch self {
        case .malformed(let line, _, _), .limitExceeded(_, _, let line), .duplicateKey(_, let line),
            .unsupported(_, let line):
            line
        }
    }
}

extension YAMLError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let line, let column, let reason): "line \(line), column \(column): \(reason)"
        case .limitExceeded(let name, let allowed, let line): "line \(line): \(name) is \(allowed)"
        case .duplicateKey(let key, let line): "line \(line): the key '\(key)' occurs twice"
        case .unsupported(let what, let line): "line \(line): \(what) are not taken here"
        }
    }
}
