internal import Dispatch
import Synchronization

/// Hands messages from a thread that blocks to one caller that awaits them, for as long as that one cares to wait.
final class Mailbox<Message: Sendable>: Sendable {
    private struct State {
        var messages: [Message] = []
        var waiter: CheckedContinuation<Message?, Never>?
        var ticket: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Adds a message, or what it makes of the last one that nobody has taken yet.
    func post(_ message: Message, merging: (Message, Message) -> Message? = { _, _ in nil }) {
        let waiter = state.withLock { state -> CheckedContinuation<Message?, Never>? in
            if let waiter = state.waiter.take() { return waiter }
            if let last = state.messages.last, let merged = merging(last, message) {
                state.messages[state.messages.count - 1] = merged
            } else {
                state.messages.append(message)
            }
            return nil
        }
        waiter?.resume(returning: message)
    }

    /// One caller at a time; `nil` when nothing came within the wait or the caller was cancelled.
    func next(waiting limit: Duration) async -> Message? {
        let ticket = state.withLock { state in
            state.ticket += 1
            return state.ticket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> Message?? in
                    precondition(state.waiter == nil, "one caller at a time")
                    if !state.messages.isEmpty { return .some(state.messages.removeFirst()) }
                    if limit <= .zero || Task.isCancelled { return .some(nil) }
                    state.waiter = continuation
                    return nil
                }
                if let ready { return continuation.resume(returning: ready) }
                let wait = DispatchTimeInterval.milliseconds(Int(clamping: limit.milliseconds))
                DispatchQueue.global().asyncAfter(deadline: .now() + wait) { [weak self] in self?.expire(ticket) }
            }
        } onCancel: {
            expire(ticket)
        }
    }

    private func expire(_ ticket: UInt64) {
        let waiter = state.withLock { state in state.ticket == ticket ? state.waiter.take() : nil }
        waiter?.resume(returning: nil)
    }
}
