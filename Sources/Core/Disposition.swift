/// What a caller may do about a failure.
public enum Disposition: Sendable, Equatable {
    /// The world is in the way for now: the same call may succeed later.
    case retry
    /// The input can never be taken: tell whoever sent it.
    case reject
    /// This handle is dead, the log is not: open a new one, and read before writing.
    case reopen
    /// Stop and call a person: going on could lose or repeat something.
    case halt
}
