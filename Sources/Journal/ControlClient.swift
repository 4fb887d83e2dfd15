internal import Core
internal import Glibc
internal import Threading

/// What the thread of a `JournalRemote` does: connects, sends requests, hands answers to whoever waits for them.
final class ControlClient {
    private let link: ControlLink
    private let path: String
    private let deadline: ContinuousClock.Instant
    private var input = FrameBuffer()
    private var output: ArraySlice<ControlLink.Parcel> = []
    /// Bytes of the first of `output` that are gone.
    private var sent = 0
    private var idle: Duration?
    private var heard = ContinuousClock.now
    private var pinged = ContinuousClock.now
    private var scratch = [UInt8](repeating: 0, count: 64 << 10)

    private static let retryPause = Duration.milliseconds(5)
    private static let gone = LogError.Reason.unavailable("the connection to the journal's holder was lost")

    init(_ link: ControlLink, _ path: String, deadline: ContinuousClock.Instant) {
        self.link = link
        self.path = path
        self.deadline = deadline
    }

    func run(until signal: WorkerThread.StopSignal) {
        do {
            let socket = try connect(signal)
            while !signal.isStopping { try turn(socket) }
            link.end(.closed)
        } catch { link.end(error.reason) }
    }

    private func connect(_ signal: WorkerThread.StopSignal) throws(LogError) -> Descriptor {
        let folder: Descriptor
        let socket: Descriptor
        do throws(FileError) {
            folder = try ControlSocket.open(folder: path)
            socket = try ControlSocket.make()
        } catch {
            if error.code == ENOENT { throw LogError(.open, .unavailable("there is no journal at \(path)")) }
            throw error.during(.open)
        }
        while !signal.isStopping {
            guard let code = ControlSocket.connect(socket, in: folder) else { return socket }
            switch code {
            case EINTR: continue
            case ENOENT, ECONNREFUSED: throw LogError(.open, .unavailable("nobody holds the journal at \(path)"))
            case EAGAIN: break
            default: throw FileError("connect", "\(path)/\(ControlSocket.name)", code).during(.open)
            }
            // Too many wait at the door.
            guard .now < deadline else { throw late() }
            var wanted = [link.wake.wanted]
            ControlSocket.wait(&wanted, Self.retryPause)
        }
        throw LogError(.open, .closed)
    }

    private func late() -> LogError {
        LogError(.open, .timedOut("the holder of the journal at \(path) does not answer"))
    }

    private func turn(_ socket: Descriptor) throws(LogError) {
        let before = ContinuousClock.now
        output.append(contentsOf: link.takeOutgoing())
        let due = try check(before)
        var wanted = [link.wake.wanted, pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)]
        if !output.isEmpty && idle != nil { wanted[1].events |= Int16(POLLOUT) }
        ControlSocket.wait(&wanted, before.duration(to: due))
        if wanted[0].revents != 0 { link.wake.quiet() }
        let events = Int32(wanted[1].revents)
        // Answers first: a holder that ends has sent what it had to say.
        if events & Int32(POLLIN | POLLHUP | POLLERR) != 0 { try receive(socket) }
        if events & Int32(POLLOUT) != 0 { try send(socket) }
    }

    /// Gives up a holder that is silent, pings it in time, and says when to look again.
    private func check(_ now: ContinuousClock.Instant) throws(LogError) -> ContinuousClock.Instant {
        guard let idle else {
            guard now < deadline else { throw late() }
            return deadline
        }
        guard heard.duration(to: now) < idle else { throw LogError(.open, Self.gone) }
        let pause = idle / 3
        if pinged.duration(to: now) >= pause {
            pinged = now
            let (kind, body) = ControlRequest.ping.encode()
            let frame = ControlFrame(kind: kind, request: 0, body: body).encode()
            output.append(ControlLink.Parcel(request: 0, frame: frame))
        }
        return min(pinged + pause, heard + idle)
    }

    private func receive(_ socket: Descriptor) throws(LogError) {
        switch ControlSocket.receive(socket, into: &scratch) {
        case .wouldBlock: return
        case .ended: throw LogError(.open, Self.gone)
        case .moved(let count):
            heard = .now
            input.add(scratch[..<count])
        }
        do {
            while let frame = try input.next() { try take(frame) }
        } catch let flaw as ControlFrame.Flaw {
            throw LogError(.open, flaw.reason)
        } catch let error as LogError {
            throw error
        } catch {
            throw LogError(.open, .unavailable("the journal's holder answers what makes no sense"))
        }
    }

    private func take(_ frame: ControlFrame) throws {
        let reply = try ControlReply.decode(frame)
        switch reply {
        case .greeting(let greeting):
            idle = .milliseconds(greeting.idleMilliseconds)
            pinged = .now
            link.greet(.success(greeting))
        case .failed(let error) where frame.request == 0: throw error
        case .failed, .offsets, .writer, .done: link.answer(frame.request, reply)
        }
    }

    private func send(_ socket: Descriptor) throws(LogError) {
        while let parcel = output.first {
            switch ControlSocket.send(socket, parcel.frame, from: sent) {
            case .wouldBlock: return
            case .ended: throw LogError(.open, Self.gone)
            case .moved(let count): sent += count
            }
            guard sent == parcel.frame.count else { continue }
            link.markSent(parcel.request)
            output.removeFirst()
            sent = 0
        }
        output = []
    }
}
