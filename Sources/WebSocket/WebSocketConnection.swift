internal import Synchronization

/// One open connection: messages come in order, and go out in order.
///
/// One task reads; any may send.
public final class WebSocketConnection: Sendable {
    enum Wish: Sendable {
        case write(UInt64)
        case read(UInt64)
        case close(UInt64)
    }

    /// What the loop does next with this connection's socket.
    enum Turn {
        case nothing
        case send(WebSocketMessage, more: Bool)
        case close(status: Int, reason: String)
    }

    private struct State {
        var isOpen = false
        var inbox: [WebSocketMessage] = []
        var partial: [UInt8] = []
        var isPaused = false
        var outbox: [WebSocketMessage] = []
        var farewell: (status: Int, reason: String)?
        var ended: Result<Int?, WebSocketError>?
        var opening: CheckedContinuation<Result<Void, WebSocketError>, Never>?
        var reading: CheckedContinuation<Void, Never>?
    }

    let number: UInt64
    /// What the client asked for: `/stream`.
    public let path: String
    private let settings: WebSocketSettings
    private let wish: @Sendable (Wish) -> Void
    private let state = Mutex(State())

    init(number: UInt64, path: String, settings: WebSocketSettings, wish: @escaping @Sendable (Wish) -> Void) {
        self.number = number
        self.path = path
        self.settings = settings
        self.wish = wish
    }

    /// The next message, or `nil` when the other side has said farewell.
    public func receive() async throws(WebSocketError) -> WebSocketMessage? {
        while true {
            let (message, end, resumes) = state.withLock { state in
                if !state.inbox.isEmpty {
                    let message = state.inbox.removeFirst()
                    let resumes = state.isPaused && state.inbox.count <= settings.maximumQueuedMessages / 2
                    if resumes { state.isPaused = false }
                    return (message as WebSocketMessage?, nil as Result<Int?, WebSocketError>?, resumes)
                }
                return (nil, state.ended, false)
            }
            if resumes { wish(.read(number)) }
            if let message { return message }
            if let end {
                _ = try end.get()
                return nil
            }
            if Task.isCancelled { throw .lost }
            await arrival()
        }
    }

    private func arrival() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    guard state.inbox.isEmpty, state.ended == nil, !Task.isCancelled else { return true }
                    precondition(state.reading == nil, "one task reads")
                    state.reading = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.reading.take() }?.resume()
        }
    }

    /// Puts a message behind those that wait.
    public func send(_ message: WebSocketMessage) throws(WebSocketError) {
        let failure: WebSocketError? = state.withLock { state in
            guard state.ended == nil, state.farewell == nil else { return .lost }
            guard state.outbox.count < settings.maximumQueuedMessages else { return .full }
            state.outbox.append(message)
            return nil
        }
        if let failure { throw failure }
        wish(.write(number))
    }

    /// Says farewell when all that waits has been sent.
    public func close(status: Int = 1000, reason: String = "") {
        state.withLock { state in
            if state.farewell == nil { state.farewell = (status, String(reason.prefix(60))) }
        }
        wish(.write(number))
    }

    /// Ends at once, without a farewell.
    public func drop() { wish(.close(number)) }

    /// The status of the other side's farewell, once it has ended.
    public var closeStatus: Int? {
        state.withLock { state in
            guard case .success(let status)? = state.ended else { return nil }
            return status
        }
    }

    public var isOpen: Bool { state.withLock { $0.isOpen && $0.ended == nil } }
}

/// What the loop tells its connections.
extension WebSocketConnection {
    func opened() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return state.opening.take()
        }
        waiting?.resume(returning: .success(()))
    }

    /// Waits for the handshake.
    func whenOpen() async -> Result<Void, WebSocketError> {
        await withCheckedContinuation { continuation in
            let known: Result<Void, WebSocketError>? = state.withLock { state in
                if state.isOpen { return .success(()) }
                if case .failure(let error)? = state.ended { return .failure(error) }
                if state.ended != nil { return .failure(.lost) }
                state.opening = continuation
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    enum Taken { case more, pause, tooLarge }

    func take(_ piece: UnsafeRawBufferPointer, isBinary: Bool, isLast: Bool) -> Taken {
        let (taken, reading) = state.withLock { state -> (Taken, CheckedContinuation<Void, Never>?) in
            guard state.partial.count + piece.count <= settings.maximumMessageBytes else { return (.tooLarge, nil) }
            unsafe state.partial.append(contentsOf: piece)
            guard isLast else { return (.more, nil) }
            state.inbox.append(isBinary ? .binary(state.partial) : .text(state.partial))
            state.partial = []
            let pauses = state.inbox.count >= settings.maximumQueuedMessages && !state.isPaused
            if pauses { state.isPaused = true }
            return (pauses ? .pause : .more, state.reading.take())
        }
        reading?.resume()
        return taken
    }

    func nextTurn() -> Turn {
        state.withLock { state in
            if !state.outbox.isEmpty {
                let message = state.outbox.removeFirst()
                return .send(message, more: !state.outbox.isEmpty || state.farewell != nil)
            }
            if let farewell = state.farewell { return .close(status: farewell.status, reason: farewell.reason) }
            return .nothing
        }
    }

    /// The first end counts.
    func end(_ result: Result<Int?, WebSocketError>) {
        let (opening, reading) = state.withLock { state in
            if state.ended == nil { state.ended = result }
            return (state.opening.take(), state.reading.take())
        }
        if let opening {
            if case .failure(let error) = result {
                opening.resume(returning: .failure(error))
            } else {
                opening.resume(returning: .failure(.lost))
            }
        }
        reading?.resume()
    }
}
