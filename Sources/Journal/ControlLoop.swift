internal import Core
internal import Glibc
internal import Threading

/// What the server's thread does: waits for all sockets at once and moves each connection on as far as it goes.
final class ControlLoop {
    private let listener: ControlListener
    private let core: JournalCore
    private let desk: ControlDesk
    private let owner: uid_t
    private let limits: ControlLimits
    private var sessions: [UInt64: ControlSession] = [:]
    private var lastSession: UInt64 = 0
    private var scratch = [UInt8](repeating: 0, count: 256 << 10)
    /// Set while the process has no descriptor left: the next look at who waits outside.
    private var fullUntil: ContinuousClock.Instant?
    private var drainingSince: ContinuousClock.Instant?

    /// Peers let in one after the other before the others get their turn again.
    private static let arrivalsPerTurn = 64
    private static let fullPause = Duration.milliseconds(50)

    init(_ listener: ControlListener, _ core: JournalCore, _ desk: ControlDesk, _ owner: uid_t) {
        self.listener = listener
        self.core = core
        self.desk = desk
        self.owner = owner
        limits = ControlLimits(core.settings)
    }

    func run(until signal: WorkerThread.StopSignal) {
        while true {
            let now = ContinuousClock.now
            if signal.isStopping && drainingSince == nil { drainingSince = now }
            var due = sweep(now)
            if let drainingSince {
                due = min(due, drainingSince + limits.frame)
                let busy = sessions.values.contains { $0.unanswered > 0 || $0.hasUnsent }
                if !busy || drainingSince + limits.frame <= now { break }
            }
            turn(until: due, now)
        }
        for session in sessions.values { forget(session) }
    }

    /// Waits until something can be done, and does it.
    private func turn(until due: ContinuousClock.Instant, _ before: ContinuousClock.Instant) {
        let open = Array(sessions.values)
        var wanted = [desk.wake.wanted]
        for session in open { wanted.append(session.wanted(draining: drainingSince != nil)) }
        if let full = fullUntil, full <= before { fullUntil = nil }
        let listens = drainingSince == nil && fullUntil == nil
        if listens { wanted.append(listener.wanted) }
        ControlSocket.wait(&wanted, before.duration(to: min(due, fullUntil ?? due)))
        let now = ContinuousClock.now
        if wanted[0].revents != 0 { desk.wake.quiet() }
        for (session, found) in zip(open, wanted.dropFirst()) { move(session, Int32(found.revents), found, now) }
        for answer in desk.take() {
            guard let session = sessions[answer.session] else { continue }
            session.end(answer.bytes, now: now)
            session.reply(answer.frame, now: now)
            // The room it took may be what the next request waits for.
            if drainingSince == nil { serve(session, now) }
        }
        if listens, let last = wanted.last, last.revents != 0 { letIn(now) }
    }

    private func move(_ session: ControlSession, _ events: Int32, _ wanted: pollfd, _ now: ContinuousClock.Instant) {
        if events & Int32(POLLOUT) != 0 {
            session.flush(now: now)
            // Answers that were fetched make room for what came already.
            if drainingSince == nil { serve(session, now) }
        }
        if events & Int32(POLLIN) != 0 {
            session.receive(&scratch, now: now)
            serve(session, now)
        } else if events & Int32(POLLHUP | POLLERR | POLLNVAL) != 0 {
            session.hangUp()
        }
    }

    /// Drops connections that are over, and says when to look again.
    private func sweep(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        var due = now + limits.idle
        for session in Array(sessions.values) {
            due = min(due, session.check(now: now))
            guard session.isOver else { continue }
            for writer in session.writers { core.names.close(writer) }
            session.writers = []
            // Work that was asked for still takes room: until it ends, the connection counts.
            if session.unanswered == 0 { forget(session) }
        }
        return due
    }

    private func forget(_ session: ControlSession) {
        for writer in session.writers { core.names.close(writer) }
        sessions[session.id] = nil
    }

    private func letIn(_ now: ContinuousClock.Instant) {
        for _ in 0..<Self.arrivalsPerTurn {
            switch listener.accept() {
            case .nobody: return
            case .noRoom:
                fullUntil = now + Self.fullPause
                return
            case .peer(let socket):
                lastSession += 1
                let session = ControlSession(lastSession, socket, limits, now: now)
                if ControlSocket.peer(of: socket) != owner {
                    session.refuse(0, .refused("this journal is another user's"), now: now)
                } else if sessions.count >= limits.connections {
                    let allowed = limits.connections
                    let actual = sessions.count + 1
                    let reason = LogError.Reason.limitExceeded(
                        name: "controlConnections", allowed: allowed, actual: actual)
                    session.refuse(0, reason, now: now)
                } else {
                    sessions[session.id] = session
                    session.reply(ControlReply.greeting(limits.greeting).frame(0), now: now)
                }
            }
        }
    }

    private func serve(_ session: ControlSession, _ now: ContinuousClock.Instant) {
        while let frame = session.next(now: now) {
            do throws(ByteReader.CutShort) {
                perform(try ControlRequest.decode(frame), frame, session, now)
            } catch {
                session.refuse(frame.request, .refused("a request of kind \(frame.kind) that makes no sense"), now: now)
            }
        }
    }

    private func perform(
        _ request: ControlRequest, _ frame: ControlFrame, _ session: ControlSession, _ now: ContinuousClock.Instant
    ) {
        switch request {
        case .ping: session.reply(ControlReply.done.frame(frame.request), now: now)
        case .openWriter(let name):
            do throws(LogError) {
                let token = try core.names.open(name)
                session.writers.insert(token)
                answer(frame, session) { core throws(LogError) in
                    try await core.pass(token)
                    return .writer(token.epoch)
                }
            } catch { session.reply(ControlReply.failed(error).frame(frame.request), now: now) }
        case .closeWriter(let token):
            core.names.close(token)
            session.writers.remove(token)
            session.reply(ControlReply.done.frame(frame.request), now: now)
        case .append, .create, .adjust, .delete:
            answer(frame, session) { core throws(LogError) in try await core.answer(request) }
        }
    }

    /// Lets something take its turn in the writer's queue, and answers when it comes back.
    private func answer(
        _ frame: ControlFrame, _ session: ControlSession,
        _ work: @escaping @Sendable (JournalCore) async throws(LogError) -> ControlReply
    ) {
        session.begin(frame.body.count)
        let (core, desk, id) = (core, desk, session.id)
        Task {
            let reply: ControlReply
            do throws(LogError) { reply = try await work(core) } catch { reply = .failed(error) }
            let bytes = reply.frame(frame.request)
            desk.put(ControlDesk.Answer(session: id, bytes: frame.body.count, frame: bytes))
        }
    }
}

extension JournalCore {
    /// Does what takes its turn in the writer's queue.
    fileprivate func answer(_ request: ControlRequest) async throws(LogError) -> ControlReply {
        switch request {
        case .append(let append, let writer):
            return .offsets(try await self.append(append, as: writer).map(\.offset))
        case .create(let topics): try await create(topics)
        case .adjust(let topic): try await adjust(topic)
        case .delete(let topic): try await delete(topic)
        case .openWriter, .closeWriter, .ping: break
        }
        return .done
    }
}
