/// A value of a YAML document and the line it begins on (the first is 1).
public struct YAMLNode: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        /// `plain` when it stood without quotes, so that `"3"` and `3` can be told apart.
        case scalar(String, plain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    public struct Entry: Sendable, Equatable {
        public let key: String
        public let line: Int
        public let value: YAMLNode

        public init(key: String, line: Int, value: YAMLNode) {
            self.key = key
            self.line = line
            self.value = value
        }
    }

    public let line: Int
    public let content: Content

    public init(line: Int, content: Content) {
        self.line = line
        self.content = content
    }
}

extension YAMLNode {
    /// The entries of a mapping, or `nil`.
    public var entries: [Entry]? {
        guard case .mapping(let entries) = content else { return nil }
        return entries
    }

    public var elements: [YAMLNode]? {
        guard case .sequence(let elements) = content else { return nil }
        return elements
    }

    /// The text of a scalar, quoted or not.
    public var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    /// The integer a plain scalar stands for; decimal only.
    public var integer: Int64? {
        guard case .scalar(let text, plain: true) = content else { return nil }
        return Int64(text)
    }

    public func value(of key: String) -> YAMLNode? { entries?.first { $0.key == key }?.value }
}
