internal import Core
internal import Glibc

/// One connection to the holder: what came and is no whole frame yet, what is being done, what was not sent yet.
///
/// Confined to the server's thread.
final class ControlSession {
    let id: UInt64
    let socket: Descriptor
    /// The writers opened here.
    ///
    /// They end with the connection.
    var writers: Set<WriterToken> = []
    private(set) var unanswered = 0
    private(set) var isOver = false
    private var unansweredBytes = 0
    private var input = FrameBuffer()
    private var inputEnded = false
    private var output: [UInt8] = []
    private var sent = 0
    private let limits: ControlLimits
    private var heard: ContinuousClock.Instant
    /// Since when a frame has begun and not ended, and since when the peer takes nothing of what waits for it.
    private var partSince: ContinuousClock.Instant?
    private var stuckSince: ContinuousClock.Instant?

    /// An answer that nobody fetches stops further requests at this many bytes.
    private static let unsentBytes = 1 << 20

    init(_ id: UInt64, _ socket: Descriptor, _ limits: ControlLimits, now: ContinuousClock.Instant) {
        self.id = id
        self.socket = socket
        self.limits = limits
        heard = now
    }

    /// Whether there is room for another request.
    private var takes: Bool {
        !inputEnded && unanswered < limits.greeting.requests && unansweredBytes < limits.greeting.bytes
            && output.count - sent < Self.unsentBytes
    }

    var hasUnsent: Bool { sent < output.count }

    func wanted(draining: Bool) -> pollfd {
        var events: Int16 = 0
        if takes && !draining { events |= Int16(POLLIN) }
        if hasUnsent { events |= Int16(POLLOUT) }
        return pollfd(fd: isOver ? -1 : socket.number, events: events, revents: 0)
    }

    /// Reads once what is there.
    func receive(_ scratch: inout [UInt8], now: ContinuousClock.Instant) {
        switch ControlSocket.receive(socket, into: &scratch) {
        case .moved(let count):
            heard = now
            input.add(scratch[..<count])
        case .wouldBlock: return
        case .ended: inputEnded = true
        }
    }

    /// The next request, as long as there is room for it.
    ///
    /// Bytes that are no frames end the connection with a reason.
    func next(now: ContinuousClock.Instant) -> ControlFrame? {
        guard takes || inputEnded, unanswered < limits.greeting.requests, !isOver else {
            // What is not read does not come in time.
            partSince = nil
            return nil
        }
        do {
            let frame = try input.next()
            partSince = frame == nil && input.count > 0 ? partSince ?? now : nil
            return frame
        } catch {
            refuse(error.request, error.reason, now: now)
            return nil
        }
    }

    func begin(_ bytes: Int) {
        unanswered += 1
        unansweredBytes += bytes
    }

    func end(_ bytes: Int, now: ContinuousClock.Instant) {
        // It could say nothing while it waited.
        heard = now
        unanswered -= 1
        unansweredBytes -= bytes
    }

    func reply(_ frame: [UInt8], now: ContinuousClock.Instant) {
        if !hasUnsent {
            output = []
            sent = 0
            stuckSince = now
        }
        output.append(contentsOf: frame)
        flush(now: now)
    }

    /// Says why, and takes nothing more from this peer.
    func refuse(_ request: UInt64, _ reason: LogError.Reason, now: ContinuousClock.Instant) {
        inputEnded = true
        input = FrameBuffer()
        partSince = nil
        reply(ControlReply.failed(LogError(.open, reason)).frame(request), now: now)
    }

    func flush(now: ContinuousClock.Instant) {
        while hasUnsent {
            switch ControlSocket.send(socket, output, from: sent) {
            case .moved(let count):
                sent += count
                stuckSince = now
            case .wouldBlock: return
            case .ended:
                isOver = true
                return
            }
        }
        output = []
        sent = 0
        stuckSince = nil
    }

    /// The peer is gone for good.
    func hangUp() { isOver = true }

    /// Ends the connection when its time is over, or when nothing is left to do; else the moment to look again.
    func check(now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        if inputEnded && unanswered == 0 && !hasUnsent { isOver = true }
        if isOver { return now + limits.idle }
        let moments = [
            partSince.map { $0 + limits.frame }, stuckSince.map { $0 + limits.frame },
            unanswered == 0 && !hasUnsent ? heard + limits.idle : nil,
        ]
        let due = moments.compactMap { $0 }.min() ?? now + limits.idle
        if due <= now { isOver = true }
        return due
    }
}

/// What one connection may take, of room and of time.
struct ControlLimits: Sendable {
    let connections: Int
    let frame: Duration
    let idle: Duration
    let greeting: ControlGreeting

    init(_ settings: JournalSettings) {
        connections = settings.controlConnections
        frame = settings.controlTimeout
        idle = settings.controlIdle
        let (seconds, attoseconds) = idle.components
        greeting = ControlGreeting(
            requests: settings.controlRequests, bytes: settings.controlBytes,
            idleMilliseconds: Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}
