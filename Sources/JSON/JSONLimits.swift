/// What a document may cost before it is refused.
public struct JSONLimits: Sendable, Equatable {
    /// A record of the log is at most 1 MiB; escapes and an envelope around it still fit.
    public var maximumBytes: Int
    /// Objects and arrays inside one another; the outermost counts as one, an empty one at the bottom as none.
    public var maximumDepth: Int

    public init(maximumBytes: Int = 16 << 20, maximumDepth: Int = 64) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }
}
