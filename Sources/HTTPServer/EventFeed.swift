internal import Synchronization

/// What one client of a stream of events has still to be sent: bounded, and a client that does not keep up is cut.
///
/// Whoever makes events sends to it from anywhere; it never waits for the client.
public final class EventFeed: Sendable {
    public static let defaultMaximumEvents = 1_024
    public static let defaultMaximumBytes = 1 << 20

    /// A piece that goes out is joined of smaller ones up to here.
    private static let joinedBytes = 64 << 10

    private enum End { case finished, cut }

    private struct State {
        var pieces: [(bytes: [UInt8], events: Int)] = []
        var events = 0
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

    /// Events that wait for the client, and their bytes.
    public var backlog: (events: Int, bytes: Int) { state.withLock { ($0.events, $0.bytes) } }

    /// False when the feed has ended, or ends now because the client is too far behind.
    @discardableResult
    public func send(_ event: ServerEvent) -> Bool { send(event.bytes) }

    /// Bytes of one or more events that were made before: what goes to many clients is made once and shared.
    ///
    /// They go out whole or not at all, and a client for whom nothing waits is given them however large they are: else
    /// it could never be sent them.
    @discardableResult
    public func send(_ bytes: [UInt8], events: Int = 1) -> Bool {
        let (taken, wake, hangUp) = state.withLock { state in
            guard state.end == nil else { return (false, nil, nil) as Outcome }
            let fits = state.events + events <= maximumEvents && state.bytes + bytes.count <= maximumBytes
            guard fits || state.pieces.isEmpty else {
                state.end = .cut
                return (false, state.waiter.take(), state.hangUp.take())
            }
            state.pieces.append((bytes, events))
            state.events += events
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

    /// The client is gone.
    func cut() { end(.cut) }

    /// The client must go: what waits for it is not sent, and its connection ends.
    public func hangUp() {
        let hangUp = state.withLock { $0.hangUp.take() }
        end(.cut)
        hangUp?()
    }

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
        let isDue = state.withLock { $0.end == nil && $0.pieces.isEmpty && now - $0.lastSent >= heartbeat }
        if isDue { send(ServerEvent.heartbeat) }
    }

    /// What has gathered, as one piece; `nil` behind the end.
    func next() async throws -> [UInt8]? {
        while true {
            let (piece, end) = state.withLock { state in
                state.end == .cut ? (nil, .cut) : (Self.take(&state), state.end)
            }
            if let piece { return piece }
            switch end {
            case .finished?: return nil
            case .cut?: throw Cut()
            case nil: await wait()
            }
        }
    }

    /// Pieces that many clients share stay shared while they wait: only some of them are joined for the way.
    private static func take(_ state: inout State) -> [UInt8]? {
        guard let first = state.pieces.first else { return nil }
        var (count, bytes, events) = (1, first.bytes.count, first.events)
        for next in state.pieces.dropFirst() {
            guard bytes + next.bytes.count <= joinedBytes else { break }
            (count, bytes, events) = (count + 1, bytes + next.bytes.count, events + next.events)
        }
        let piece = count == 1 ? first.bytes : Array(state.pieces.prefix(count).map(\.bytes).joined())
        state.pieces.removeFirst(count)
        state.bytes -= bytes
        state.events -= events
        state.lastSent = .now
        return piece
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                guard state.end == nil, state.pieces.isEmpty else { return true }
                state.waiter = continuation
                return false
            }
            if goesOn { continuation.resume() }
        }
    }
}
