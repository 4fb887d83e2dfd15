internal import Adapters
internal import Core
internal import Domain
internal import JSON
internal import Synchronization
internal import WebSocket
internal import Wire

/// Keeps one connection to the broker's stream, and dials again whenever it ends.
final class StreamLine: Sendable {
    private let context: StreamContext
    private let client: WebSocketClient
    private let adapter: AlpacaAdapter
    private let buffer: StreamBuffer
    private let standing: StandingDesk
    private let desk: StreamDesk
    /// Up to which of the broker's moments everything is on the log.
    private let reach: StreamReach
    private let hold: StreamHold

    private var limits: StreamLimits { context.limits }

    init(
        _ context: StreamContext, _ buffer: StreamBuffer, _ standing: StandingDesk, _ reach: StreamReach,
        _ hold: StreamHold
    ) throws(WebSocketError) {
        self.context = context
        self.buffer = buffer
        self.standing = standing
        self.reach = reach
        self.hold = hold
        desk = StreamDesk(context)
        client = try WebSocketClient(
            WebSocketSettings(
                openTimeout: context.limits.step, maximumMessageBytes: context.limits.maximumFrameBytes,
                maximumQueuedMessages: context.limits.queuedFrames, pingAfter: context.limits.pingAfter,
                deadAfter: context.limits.deadAfter, authorities: context.place.authorities))
        var rest = context.place.rest
        // One question at a time: the broker counts them, and orders go before.
        rest.limits.concurrency = 1
        adapter = AlpacaAdapter(rest, time: context.time)
    }

    /// Works until the task is cancelled; the socket is gone when it returns.
    func run() async {
        var backoff = Backoff(
            Backoff.Limits(
                first: limits.firstPause, longest: limits.longestPause, attempts: .max, total: .seconds(1 << 40)))
        var random = SystemRandomNumberGenerator()
        var connection = 0
        // Nobody dials without a lease that counts.
        while !Task.isCancelled, await hold.begins() {
            connection += 1
            let begun = Listening()
            let end = await live(connection, begun)
            standing.change { standing in
                standing.disconnect()
                standing.trouble = end.errorClass
            }
            guard !Task.isCancelled else { break }
            if let since = begun.since, context.time.uptime() - since >= limits.steady { backoff.reset() }
            var pause = limits.longestPause
            do { pause = try backoff.next(using: &random) } catch { pause = limits.longestPause }
            if end.errorClass == .auth { pause = limits.refusedPause }
            context.observer.noted(.ended(end, connection: connection, pause: pause))
            // Cancelled: nobody listens any more.
            do { try await Task.sleep(for: pause) } catch { break }
        }
        await client.stop()
    }

    /// When a connection began to listen, on the clock that never goes back.
    private final class Listening: Sendable {
        private let moment = Mutex<Duration?>(nil)
        var since: Duration? { moment.withLock { $0 } }
        func begin(_ now: Duration) { moment.withLock { $0 = now } }
    }

    /// Whether something has happened.
    private final class Sign: Sendable {
        private let state = Mutex(false)
        var isSet: Bool { state.withLock { $0 } }
        func set() { state.withLock { $0 = true } }
    }

    /// One connection, from dialling to its end.
    private func live(_ number: Int, _ listening: Listening) async -> StreamEnd {
        let socket: WebSocketConnection
        do throws(WebSocketError) { socket = try await client.connect(context.place.address) } catch {
            return Self.end(error)
        }
        // Who is to end does not say who he is.
        guard !Task.isCancelled else {
            socket.drop()
            return .lost("not wanted any more")
        }
        context.observer.noted(.connected)
        let isOver = Sign()
        let watch = Task { [hold] in
            guard await hold.ended() else { return }
            isOver.set()
            socket.drop()
        }
        defer { watch.cancel() }
        let end: StreamEnd
        do throws(StreamEnd) {
            try await open(socket, number)
            listening.begin(context.time.uptime())
            let closing = closeGap(number)
            do throws(StreamEnd) { try await hear(socket, number) } catch {
                closing.cancel()
                socket.drop()
                await closing.value
                throw error
            }
        } catch { end = error }
        socket.drop()
        return isOver.isSet ? .leaseOver : end
    }

    /// Who we are, and what we want to hear; both are acknowledged before anything counts as ready.
    private func open(_ socket: WebSocketConnection, _ number: Int) async throws(StreamEnd) {
        var auth = JSONWriter()
        auth.object { writer in
            writer.key("action")
            writer.string("auth")
            writer.key("key")
            writer.string(context.place.keyID.reveal())
            writer.key("secret")
            writer.string(context.place.secretKey.reveal())
        }
        try await ask(socket, auth.finish(), "auth", number) { frame in
            if case .authorized = frame { true } else { false }
        }
        standing.change { standing in
            standing.isAuthorized = true
            standing.trouble = nil
        }
        try await ask(
            socket, Array(#"{"action":"listen","data":{"streams":["trade_updates"]}}"#.utf8), "listen", number
        ) { frame in
            if case .listening = frame { true } else { false }
        }
        standing.change { standing in
            standing.isListening = true
            standing.connection = number
        }
        context.observer.noted(.listening(connection: number))
    }

    private func ask(
        _ socket: WebSocketConnection, _ question: [UInt8], _ step: String, _ number: Int,
        until isAnswer: (StreamFrame) -> Bool
    ) async throws(StreamEnd) {
        do throws(WebSocketError) { try socket.send(.text(question)) } catch { throw Self.end(error) }
        let isLate = Sign()
        let deadline = Task { [limits] in
            // A wait that is cancelled was not needed.
            guard (try? await Task.sleep(for: limits.step)) != nil else { return }
            isLate.set()
            socket.drop()
        }
        defer { deadline.cancel() }
        while true {
            let frame: StreamFrame?
            do throws(StreamEnd) { frame = try await next(socket) } catch {
                throw isLate.isSet ? .late(step) : error
            }
            guard let frame else { continue }
            try await take(frame, number)
            if isAnswer(frame) { return }
        }
    }

    private func hear(_ socket: WebSocketConnection, _ number: Int) async throws(StreamEnd) -> Never {
        while true {
            // What cannot be read may have been an update: the lists tell it behind the next beginning.
            try await take(try await readable(socket), number)
        }
    }

    /// The next message; `nil` for one that is none.
    private func next(_ socket: WebSocketConnection) async throws(StreamEnd) -> StreamFrame? {
        do throws(StreamEnd) { return try await readable(socket) } catch {
            guard case .unreadable = error else { throw error }
            return nil
        }
    }

    private func readable(_ socket: WebSocketConnection) async throws(StreamEnd) -> StreamFrame {
        let message: WebSocketMessage?
        do throws(WebSocketError) { message = try await socket.receive() } catch { throw Self.end(error) }
        guard let message else { throw .farewell(status: socket.closeStatus) }
        switch desk.read(message.bytes) {
        case .success(let frame): return frame
        case .failure(let fault):
            context.observer.noted(.garbage("\(fault)"))
            throw .unreadable("\(fault)")
        }
    }

    private func take(_ frame: StreamFrame, _ number: Int) async throws(StreamEnd) {
        switch frame {
        case .update(let update):
            context.observer.received(lag: update.eventTime.map { context.time.now().since($0) })
            guard await buffer.put(desk.item(update, .stream, of: number)) else { throw .lost("nothing is taken") }
        case .unauthorized(let said): throw .unauthorized(said)
        case .listening(let streams): if !streams.contains("trade_updates") { throw .notGranted }
        case .complaint(code: 406, let said): throw .secondConnection(said)
        case .complaint(let code, let said):
            throw [401, 402, 403].contains(code) ? .unauthorized(said) : .complained(code: code, said)
        case .authorized, .other: break
        }
    }

    private static func end(_ error: WebSocketError) -> StreamEnd {
        switch error {
        case .refused(let status): .refused(status: status)
        case .timedOut: .late("connect")
        case .tooLarge(let allowed): .frameTooLarge(allowed: allowed)
        case .address, .notOpened, .lost, .full, .notListening, .noThread: .lost("\(error)")
        }
    }

    /// Whatever was said between the last word that is on the log and this moment is asked for.
    private func closeGap(_ number: Int) -> Task<Void, Never> {
        let (now, begun) = (context.time.now(), context.time.uptime())
        let (reached, isFirst) = reach.begin(now, lookingBack: limits.lookback)
        let since = reached.advanced(by: .zero - limits.overlap) ?? .earliest
        // Whoever has just started does not know which orders were open.
        let earliest = reached.advanced(by: .zero - limits.lookback) ?? .earliest
        var closer = GapCloser(
            context, adapter, buffer, desk, connection: number, since: since,
            ordersSince: isFirst ? min(earliest, since) : since, isFirst: isFirst)
        closer.hearOfTrouble = { [standing] trouble in
            standing.change { if $0.connection == number { $0.trouble = trouble.isAuth ? .auth : nil } }
        }
        context.observer.noted(.gapOpened(since: since))
        return Task { [closer, context, reach, buffer] in
            var closer = closer
            guard await closer.close() else { return }
            // By the broker's clock when ours is ahead: otherwise what it says next would seem to be told already.
            let until = closer.brokerTime.map { min($0, now) } ?? now
            guard await buffer.put(StreamBuffer.Item(connection: number, origin: .closing, time: until))
            else { return }
            reach.hasAskedAll()
            context.observer.noted(
                .gapClosed(
                    orders: closer.counts.orders, executions: closer.counts.executions,
                    took: context.time.uptime() - begun))
        }
    }
}
