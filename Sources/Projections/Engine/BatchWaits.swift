/// Round trips of one batch: what it costs when the server is far away.
///
/// What a connection must be taught first, statements and staging tables, is not counted: that is once, whatever comes.
public struct BatchWaits: Sendable, Equatable {
    /// For the rows that memory has not: one, none when it has all, one more when rows lead to others.
    public let fetching: Int
    /// For the transaction: one, and one more for each COPY.
    public let writing: Int
    /// None at the head.
    public let copies: Int

    public var count: Int { fetching + writing }
}
