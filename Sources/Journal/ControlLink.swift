internal import Core
internal import Synchronization

/// What the callers of a `JournalRemote` and the thread that talks for them share.
final class ControlLink: Sendable {
    struct Parcel: Sendable {
        let request: UInt64
        let frame: [UInt8]
    }

    private struct Waiting {
        let operation: LogError.Operation
        let isDurable: Bool
        var isSent = false
        let done: CheckedContinuation<Result<ControlReply, LogError>, Never>
    }

    private struct State {
        var greeting: Result<ControlGreeting, LogError>?
        var greeted: CheckedContinuation<Result<ControlGreeting, LogError>, Never>?
        var lastRequest: UInt64 = 0
        var waiting: [UInt64: Waiting] = [:]
        var outgoing: [Parcel] = []
        var ending: LogError.Reason?
    }

    let wake: WakePipe
    private let state = Mutex(State())

    init() throws(FileError) { wake = try WakePipe() }

    /// Whether the holder has answered once and is not known to be gone.
    var isOpen: Bool {
        state.withLock { state in
            if case .success = state.greeting { state.ending == nil } else { false }
        }
    }

    /// What the holder says first, or why it could not be reached.
    func greeting() async throws(LogError) -> ControlGreeting {
        let outcome = await withCheckedContinuation { greeted in
            let known = state.withLock { state in
                if state.greeting == nil { state.greeted = greeted }
                return state.greeting
            }
            if let known { greeted.resume(returning: known) }
        }
        return try outcome.get()
    }

    func greet(_ outcome: Result<ControlGreeting, LogError>) {
        let greeted = state.withLock { state in
            if state.greeting == nil { state.greeting = outcome }
            defer { state.greeted = nil }
            return state.greeted
        }
        greeted?.resume(returning: outcome)
    }

    /// Sends a request and waits for its answer.
    func call(_ request: ControlRequest, kind: UInt16, body: [UInt8]) async throws(LogError) -> ControlReply {
        let operation = request.operation
        let outcome = await withCheckedContinuation { done in
            let id = state.withLock { state in
                state.lastRequest += 1
                return state.lastRequest
            }
            let frame = ControlFrame(kind: kind, request: id, body: body).encode()
            let ending = state.withLock { state in
                if state.ending == nil {
                    state.waiting[id] = Waiting(operation: operation, isDurable: request.isDurable, done: done)
                    state.outgoing.append(Parcel(request: id, frame: frame))
                }
                return state.ending
            }
            if let ending {
                done.resume(returning: .failure(LogError(operation, ending)))
            } else {
                wake.ring()
            }
        }
        return try outcome.get()
    }

    func takeOutgoing() -> [Parcel] {
        state.withLock { state in
            defer { state.outgoing = [] }
            return state.outgoing
        }
    }

    /// The last byte of a request was handed to the socket: from now on the holder may act on it.
    func markSent(_ request: UInt64) { state.withLock { $0.waiting[request]?.isSent = true } }

    func answer(_ request: UInt64, _ reply: ControlReply) {
        let waiting = state.withLock { $0.waiting.removeValue(forKey: request) }
        waiting?.done.resume(returning: .success(reply))
    }

    /// No answer comes any more.
    ///
    /// What was sent and may be durable is a question; the rest was not done.
    func end(_ reason: LogError.Reason) {
        greet(.failure(LogError(.open, reason)))
        let waiting = state.withLock { state in
            if state.ending == nil { state.ending = reason }
            state.outgoing = []
            defer { state.waiting = [:] }
            return state.waiting
        }
        for call in waiting.values {
            let unsure = call.isSent && call.isDurable
            let lost = LogError.Reason.outcomeUnknown("the journal's holder was lost before it answered")
            call.done.resume(returning: .failure(LogError(call.operation, unsure ? lost : reason)))
        }
    }
}
