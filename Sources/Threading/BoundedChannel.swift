internal import Synchronization

/// A queue between tasks that holds at most `capacity` elements: who sends waits for room, who receives for elements.
///
/// Any number may send and receive. What one task sends is received in the order it was sent. A cancelled call has
/// sent or taken nothing; an element that was sent is received once or stays in the channel.
public final class BoundedChannel<Element: Sendable>: Sendable {
    public let capacity: Int
    private let state: Mutex<ChannelState<Element>>
    private let tickets = Atomic<UInt64>(0)

    public init(capacity: Int) {
        precondition(capacity > 0, "a channel holds at least one element")
        self.capacity = capacity
        state = Mutex(ChannelState(capacity: capacity))
    }

    /// Elements that were sent and not yet received.
    public var count: Int { state.withLock { $0.count } }

    /// Tasks that wait at either end; tests ask this instead of guessing how long to sleep.
    var waiting: (senders: Int, receivers: Int) { state.withLock { $0.waiting } }

    /// Sends when there is room.
    public func send(_ element: Element) async throws(ChannelError) {
        guard !Task.isCancelled else { throw .cancelled }
        if try trySend(element) { return }
        let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
        let failure: ChannelError? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wakeups = state.withLock { state in
                    // Asked under the lock: a later cancellation finds this task in the queue.
                    Task.isCancelled
                        ? [.sender(continuation, .cancelled)] : state.send(element, ticket: ticket, continuation)
                }
                for wakeup in wakeups { wakeup.resume() }
            }
        } onCancel: {
            state.withLock { $0.cancelSender(ticket) }?.resume()
        }
        if let failure { throw failure }
    }

    /// Sends if there is room now; for callers that cannot wait, such as callbacks from C.
    public func trySend(_ element: Element) throws(ChannelError) -> Bool {
        let (closed, wakeups) = state.withLock { state in
            state.isClosed ? (true, nil) : (false, state.offer(element))
        }
        guard !closed else { throw .closed }
        guard let wakeups else { return false }
        for wakeup in wakeups { wakeup.resume() }
        return true
    }

    /// The oldest element, or `nil` when the channel is closed and empty.
    public func receive() async throws(ChannelError) -> Element? { try await receive(upTo: 1).first }

    /// The oldest elements: at least one, at most `limit`; none when the channel is closed and empty.
    public func receive(upTo limit: Int) async throws(ChannelError) -> [Element] {
        precondition(limit > 0, "nobody asks for nothing")
        guard !Task.isCancelled else { throw .cancelled }
        if let (result, wakeups) = state.withLock({ $0.take(upTo: limit) }) {
            for wakeup in wakeups { wakeup.resume() }
            return try result.get()
        }
        let ticket = tickets.wrappingAdd(1, ordering: .relaxed).newValue
        let result: Result<[Element], ChannelError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let wakeups = state.withLock { state in
                    Task.isCancelled
                        ? [.receiver(continuation, .failure(.cancelled))]
                        : state.receive(upTo: limit, ticket: ticket, continuation)
                }
                for wakeup in wakeups { wakeup.resume() }
            }
        } onCancel: {
            state.withLock { $0.cancelReceiver(ticket) }?.resume()
        }
        return try result.get()
    }

    /// Nothing more is sent.
    ///
    /// Receivers get what is there and then `nil`.
    public func close() { end(.success([])) }

    /// Nothing more is sent.
    ///
    /// Receivers get what is there and then this error.
    public func close(throwing error: any Error) { end(.failure(.failed(error))) }

    private func end(_ ending: Result<[Element], ChannelError>) {
        for wakeup in state.withLock({ $0.close(ending) }) { wakeup.resume() }
    }
}
