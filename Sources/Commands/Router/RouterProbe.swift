/// Moments of an attempt at which a test may end the process, stop it, or look.
public enum RouterMoment: String, Sendable, CaseIterable {
    /// Events are decided, and nothing of them is durable.
    case stepped
    /// They are durable, and nothing that follows from them was done.
    case appended
    /// The last look allowed a submit or replace; its first byte is not out.
    case sending
    /// Its answer is here, and nobody was told.
    case sent
    /// The same for a look-up, a void or a cancellation.
    case asking
    case asked
}

/// Told at each moment of each attempt; the product passes nothing.
public struct RouterProbe: Sendable {
    let at: @Sendable (RouterMoment) -> Void

    public init(_ at: @escaping @Sendable (RouterMoment) -> Void = { _ in }) { self.at = at }
}
