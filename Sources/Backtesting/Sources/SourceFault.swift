/// Why market data could not be read: which source, where in it, and what stands there.
public struct SourceFault: Error, Sendable, Equatable, CustomStringConvertible {
    public let source: String
    /// From one; `nil` when it is about the whole.
    public let line: Int?
    public let problem: String

    public init(_ source: String, line: Int? = nil, _ problem: String) {
        self.source = source
        self.line = line
        self.problem = problem
    }

    public var description: String {
        line.map { "\(source), line \($0): \(problem)" } ?? "\(source): \(problem)"
    }
}
