internal import Glibc

/// What a child was told on its command line: words of the form `name=value`.
public struct ChildWords: Sendable {
    public let all: [String: String]

    public init(_ arguments: some Sequence<String> = CommandLine.arguments.dropFirst()) {
        let pairs = arguments.compactMap { word in
            word.firstIndex(of: "=").map { (String(word[..<$0]), String(word[word.index(after: $0)...])) }
        }
        all = Dictionary(pairs) { $1 }
    }

    public subscript(name: String) -> String? { all[name] }
    public func number(_ name: String) -> Int? { all[name].flatMap { Int($0) } }

    /// Tells whoever started this process, in one write: a kill never leaves half a line in a buffer.
    public static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        unsafe _ = Glibc.write(1, bytes, bytes.count)
    }
}
