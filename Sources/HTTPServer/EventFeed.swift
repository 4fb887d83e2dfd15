internal import Synchronization

/// What one client of a stream of events has still to be sent: bounded, and a client that does not keep up is cut.
///
/// Whoever makes events sends to it from anywhere; it never waits for the client.
public final class EventFeed: Sendable {
    public static let defaultMaximumEvents = 1_024
    public static let defaultMaximumBytes = 1 << 20

    private enum End { case finished, cut }

    private struct State {
        var events: [[UInt8]] = []
        var bytes = 0
        var end: End?
        var waiter: CheckedContinuation<Void, Never>?
        var hangUp: (@Sendable () -> Void)?
        var lastSent = ContinuousClock.now
    }

    /// The client could not keep up; the connection ends in the middle.
    struct Cut: Error {}

    public let maximumEvents: Int
    public let maximumBytes: Int
    public let heartbeat: Duration
    private let state = Mutex(State())

    public init(
        maximumEvents: Int = EventFeed.defaultMaximumEvents, maximumBytes: Int = EventFeed.defaultMaximumBytes,
        heartbeat: Duration = .seconds(15)
    ) {
        precondition(maximumEvents > 0 && maximumBytes > 0, "a feed without room sends nothing")
        self.maximumEvents = maximumEvents
        self.maximumBytes = maximumBytes
        self.heartbeat = heartbeat
    }

    /// Nobody listens any more, for whatever reason.
    public var isEnded: Bool { state.withLock { $0.end != nil } }

    /// Events that wait for the client.
    public var backlog: Int { state.withLock { $0.events.count } }

    /// False when the feed has ended, or ends now because the client is too far behind.
    @discardableResult
    public func send(_ event: ServerEvent) -> Bool { send(event.bytes) }

    /// Bytes of an event that were made before.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        let (taken, wake, hangUp) = state.withLock { state in
            guard state.end == nil else { return (false, nil, nil) as Outcome }
            guard state.events.count < maximumEvents, state.bytes + bytes.count <= maximumBytes else {
                state.end = .cut
                return (false, state.waiter.take(), state.hangUp.take())
            }
            state.events.append(bytes)
            state.bytes += bytes.count
            return (true, state.waiter.take(), nil)
        }
        wake?.resume()
        hangUp?()
        return taken
    }

    private typealias Outcome = (Bool, CheckedContinuation<Void, Never>?, (@Sendable () -> Void)?)

    /// Ends the stream behind what was sent.
    public func finish() { end(.finished) }

    /// The client is gone, or must go.
    func cut() { end(.cut) }

    private func end(_ end: End) {
        let wake = state.withLock { state in
            state.end = state.end ?? end
            state.hangUp = nil
            return state.waiter.take()
        }
        wake?.resume()
    }

    /// What ends the connection of a client that does not read.
    func onCut(_ hangUp: @escaping @Sendable () -> Void) { state.withLock { $0.hangUp = hangUp } }

    /// Says that we are there, when nothing was said for a while.
    func beat(_ now: ContinuousClock.Instant) {
        let isDue = state.withLock { $0.end == nil && $0.events.isEmpty && now - $0.lastSent >= heartbeat }
        if isDue { send(ServerEvent.heartbeat) }
    }

    /// Everything that has gathered, as one piece; `nil` behind the end.
    func next() async throws -> [UInt8]? {
        while true {
            let (piece, end) = state.withLock { state in
                guard !state.events.isEmpty, state.end != .cut else { return ([UInt8]?.none, state.end) }
                let piece = state.events.count == 1 ? state.events[0] : Array(state.events.joined())
                state.events.removeAll(keepingCapacity: true)
                state.bytes = 0
                state.lastSent = .now
                return (piece, state.end)
            }
            if let piece { return piece }
            switch end {
            case .finished?: return nil
            case .cut?: throw Cut()
            case nil: await wait()
            }
        }
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                guard state.end == nil, state.events.isEmpty else { return true }
                state.waiter = continuation
                return false
            }
            if goesOn { continuation.resume() }
        }
    }
}
