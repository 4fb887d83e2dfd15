internal import Glibc
internal import Synchronization

/// Ends or stops this process at the moment it was told, and nothing of it runs on.
///
/// Told so by the words moment, count and end (`kill`, or `stop`).
public final class Fate: Sendable {
    private let left: Mutex<Int>
    private let moment: String
    private let signal: Int32

    public init(_ words: ChildWords) {
        left = Mutex(words.number("count") ?? .max)
        moment = words["moment"] ?? "any"
        signal = words["end"] == "stop" ? SIGSTOP : SIGKILL
    }

    public func meet(_ moment: String) {
        guard self.moment == "any" || self.moment == moment else { return }
        left.withLock { left in
            left -= 1
            guard left == 0 else { return }
            ChildWords.say("at \(moment)")
            // To this thread: a stop of the process may reach it only after its next bytes.
            _ = raise(signal)
        }
    }
}
