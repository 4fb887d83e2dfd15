/// Moments of a commit at which a test may end the process, stop it or cut its connection.
public enum WriteMoment: String, Sendable, CaseIterable {
    case fetched, begun, copied, sent, committed
}

/// Told at each moment of each commit; the product passes nothing.
public struct WriteProbe: Sendable {
    let at: @Sendable (WriteMoment) -> Void

    public init(_ at: @escaping @Sendable (WriteMoment) -> Void = { _ in }) { self.at = at }
}
