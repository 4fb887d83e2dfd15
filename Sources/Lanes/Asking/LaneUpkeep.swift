internal import Core

/// Keeps one lane going: whatever ends it ends nothing else, and it begins again after a while.
///
/// A lane that cannot read or write a topic of its own must not take the process down with it: orders are routed there.
public enum LaneUpkeep {
    /// Long: what ended a lane is seldom over soon, and each beginning reads the log again.
    public static let pause: Duration = .seconds(30)

    /// Returns when the task is cancelled, or when another process works now: that one would only be fenced again.
    public static func keep(
        pause: Duration = LaneUpkeep.pause, failed: @Sendable (any Error) -> Void,
        _ life: @Sendable () async throws -> Void
    ) async {
        while !Task.isCancelled {
            do {
                try await life()
                return
            } catch {
                if Task.isCancelled { return }
                failed(error)
                if let error = error as? LogError, case .fenced = error.reason { return }
            }
            // Cancelled: there is nothing in hand.
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }
}
