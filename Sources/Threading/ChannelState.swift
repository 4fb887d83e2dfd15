/// Why a channel takes or gives nothing.
public enum ChannelError: Error, Sendable {
    /// Closed for sending.
    case closed
    /// The waiting task was cancelled; nothing was sent or taken.
    case cancelled
    /// Closed with this error, and all that was sent before has been received.
    case failed(any Error)
}

/// What is in a channel and who waits at it, without the waiting itself: every change answers whom to wake.
///
/// Between calls: a receiver waits only while the buffer is empty, a sender only while it is full.
struct ChannelState<Element: Sendable> {
    typealias Sender = CheckedContinuation<ChannelError?, Never>
    typealias Receiver = CheckedContinuation<Result<[Element], ChannelError>, Never>

    enum Wakeup {
        case sender(Sender, ChannelError?)
        case receiver(Receiver, Result<[Element], ChannelError>)

        /// Called without the lock: what is resumed may come straight back to the channel.
        func resume() {
            switch self {
            case .sender(let continuation, let failure): continuation.resume(returning: failure)
            case .receiver(let continuation, let result): continuation.resume(returning: result)
            }
        }
    }

    private struct Sending {
        let ticket: UInt64
        let element: Element
        let continuation: Sender
    }

    private struct Receiving {
        let ticket: UInt64
        let continuation: Receiver
    }

    let capacity: Int
    private var buffer = Ring<Element>()
    private var senders = Ring<Sending>()
    private var receivers = Ring<Receiving>()
    private var closure: Result<[Element], ChannelError>?

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { buffer.count }
    var isClosed: Bool { closure != nil }
    var waiting: (senders: Int, receivers: Int) { (senders.count, receivers.count) }

    /// Takes the element if there is room: `nil` when there is none, else whom to wake.
    mutating func offer(_ element: Element) -> [Wakeup]? {
        if let receiver = receivers.popFirst() { return [.receiver(receiver.continuation, .success([element]))] }
        guard buffer.count < capacity else { return nil }
        buffer.append(element)
        return []
    }

    mutating func send(_ element: Element, ticket: UInt64, _ continuation: Sender) -> [Wakeup] {
        guard !isClosed else { return [.sender(continuation, .closed)] }
        if let wakeups = offer(element) { return wakeups + [.sender(continuation, nil)] }
        senders.append(Sending(ticket: ticket, element: element, continuation: continuation))
        return []
    }

    /// What is there, up to `limit`, and whom to wake because there is room again; `nil` when one must wait.
    mutating func take(upTo limit: Int) -> (result: Result<[Element], ChannelError>, wakeups: [Wakeup])? {
        guard !buffer.isEmpty else { return closure.map { ($0, []) } }
        var taken: [Element] = []
        var wakeups: [Wakeup] = []
        taken.reserveCapacity(min(limit, buffer.count))
        while taken.count < limit, let element = buffer.popFirst() {
            taken.append(element)
            guard let sender = senders.popFirst() else { continue }
            buffer.append(sender.element)
            wakeups.append(.sender(sender.continuation, nil))
        }
        return (.success(taken), wakeups)
    }

    mutating func receive(upTo limit: Int, ticket: UInt64, _ continuation: Receiver) -> [Wakeup] {
        if let (result, wakeups) = take(upTo: limit) { return wakeups + [.receiver(continuation, result)] }
        receivers.append(Receiving(ticket: ticket, continuation: continuation))
        return []
    }

    /// The first closing counts.
    ///
    /// What was sent stays to be received; what waits to be sent is not.
    mutating func close(_ ending: Result<[Element], ChannelError>) -> [Wakeup] {
        guard !isClosed else { return [] }
        closure = ending
        var wakeups: [Wakeup] = []
        while let sender = senders.popFirst() { wakeups.append(.sender(sender.continuation, .closed)) }
        while let receiver = receivers.popFirst() { wakeups.append(.receiver(receiver.continuation, ending)) }
        return wakeups
    }

    mutating func cancelSender(_ ticket: UInt64) -> Wakeup? {
        senders.remove { $0.ticket == ticket }.map { .sender($0.continuation, .cancelled) }
    }

    mutating func cancelReceiver(_ ticket: UInt64) -> Wakeup? {
        receivers.remove { $0.ticket == ticket }.map { .receiver($0.continuation, .failure(.cancelled)) }
    }
}
