/// What a test waited for did not come in time.
public struct NeverCame: Error, CustomStringConvertible {
    public let description: String

    public init(_ what: String) { description = what }
}
