internal import CWebSockets
internal import Synchronization
internal import Threading

/// One libwebsockets context and the thread that serves it.
///
/// `@unchecked`: the context and its sockets are touched by that thread alone, except for the wake-up, which may come
/// from any; `sockets` and `statuses` are the thread's own.
@safe final class SocketLoop: @unchecked Sendable {
    private struct Shared {
        var count: UInt64 = 0
        var connections: [UInt64: WebSocketConnection] = [:]
        var wishes: [WebSocketConnection.Wish] = []
        var dials: [Dial] = []
        var isEnded = false
    }

    struct Dial: Sendable {
        let connection: WebSocketConnection
        let address: ClientAddress
    }

    let settings: WebSocketSettings
    private let plan: UnsafeMutablePointer<torghut_lws_plan>
    private let context: Mutex<Context?>
    private let shared = Mutex(Shared())
    private let thread = Mutex<WorkerThread?>(nil)
    private let accept: (@Sendable (WebSocketConnection) async -> Void)?
    private var sockets: [UInt64: Socket] = [:]
    private var statuses: [UInt64: Int] = [:]
    private(set) var port: UInt16 = 0

    /// `@unchecked`: only woken through here; its thread destroys it after it left the lock.
    @safe private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// A socket of this loop, used on its thread while it is in the table.
    @safe private struct Socket {
        let pointer: OpaquePointer
    }

    /// Without a listening place it only dials.
    init(
        _ settings: WebSocketSettings, listening: (host: String, port: UInt16)?,
        accept: (@Sendable (WebSocketConnection) async -> Void)?
    ) throws(WebSocketError) {
        self.settings = settings
        self.accept = accept
        unsafe plan = .allocate(capacity: 1)
        context = Mutex(nil)
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        let seconds = UInt32(max(1, settings.openTimeout.components.seconds))
        let piece = 4096
        let made = unsafe torghut_lws_create(
            plan, SocketLoop.callback, owner, listening.map { Int32($0.port) } ?? torghut_lws_no_listening,
            listening?.host, settings.authorities ?? Self.systemAuthorities, seconds,
            UInt16(clamping: settings.pingAfter.components.seconds),
            UInt16(clamping: settings.deadAfter.components.seconds), piece)
        guard let made = unsafe made else {
            unsafe plan.deallocate()
            throw .notListening(host: listening?.host ?? "", port: listening?.port ?? 0)
        }
        port = unsafe UInt16(clamping: torghut_lws_port(made))
        let held = unsafe Context(pointer: made)
        context.withLock { $0 = held }
        do throws(WorkerThread.StartFailure) {
            // The thread holds this loop until it ends, and it ends when it is stopped.
            let worker = try WorkerThread("websocket", wake: { [weak self] in self?.wake() }) { signal in
                self.serve(held, until: signal)
            }
            thread.withLock { $0 = worker }
        } catch {
            unsafe lws_context_destroy(made)
            unsafe plan.deallocate()
            throw .noThread
        }
    }

    /// Debian's; libwebsockets would look where other systems keep theirs.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    private func serve(_ context: Context, until signal: WorkerThread.StopSignal) {
        while !signal.isStopping {
            if unsafe lws_service(context.pointer, 0) < 0 { break }
        }
        // Out of the lock first: nobody wakes what is gone.
        self.context.withLock { $0 = nil }
        shared.withLock { $0.isEnded = true }
        unsafe lws_context_destroy(context.pointer)
        let left = shared.withLock { shared in
            defer { shared.connections = [:] }
            return Array(shared.connections.values)
        }
        for connection in left { connection.end(.failure(.lost)) }
        unsafe plan.deallocate()
    }

    func wake() {
        context.withLock { context in
            if let context { unsafe lws_cancel_service(context.pointer) }
        }
    }

    func stop() async {
        let worker = thread.withLock { $0.take() }
        await worker?.stop()
    }

    /// Asks the thread to end and does not wait.
    func requestStop() { thread.withLock { $0 }?.requestStop() }

    func wish(_ wish: WebSocketConnection.Wish) {
        shared.withLock { $0.wishes.append(wish) }
        wake()
    }

    func dial(_ address: ClientAddress) -> WebSocketConnection {
        let connection = make(path: "/" + address.path)
        let isEnded = shared.withLock { shared in
            shared.dials.append(Dial(connection: connection, address: address))
            return shared.isEnded
        }
        if isEnded { connection.end(.failure(.lost)) }
        wake()
        return connection
    }

    private func make(path: String) -> WebSocketConnection {
        let number = shared.withLock { shared in
            shared.count += 1
            return shared.count
        }
        let connection = WebSocketConnection(number: number, path: path, settings: settings) { [weak self] wish in
            self?.wish(wish)
        }
        shared.withLock { $0.connections[number] = connection }
        return connection
    }

    private func connection(_ number: UInt64) -> WebSocketConnection? {
        shared.withLock { $0.connections[number] }
    }

    private func end(_ number: UInt64, _ result: Result<Int?, WebSocketError>) {
        sockets[number] = nil
        statuses[number] = nil
        shared.withLock { $0.connections.removeValue(forKey: number) }?.end(result)
    }
}

/// What the thread does.
extension SocketLoop {
    private func woken(_ context: OpaquePointer) {
        let (wishes, dials) = shared.withLock { shared in
            defer {
                shared.wishes = []
                shared.dials = []
            }
            return (shared.wishes, shared.dials)
        }
        for dial in dials { unsafe start(dial, context) }
        for wish in wishes {
            switch wish {
            case .write(let number):
                if let socket = sockets[number] { unsafe lws_callback_on_writable(socket.pointer) }
            case .read(let number):
                if let socket = sockets[number] { unsafe lws_rx_flow_control(socket.pointer, 1) }
            case .close(let number):
                // Asynchronously: the socket may be the one whose callback is running.
                if let socket = sockets[number] {
                    unsafe lws_set_timeout(socket.pointer, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC)
                }
            }
        }
    }

    private func start(_ dial: Dial, _ context: OpaquePointer) {
        let opaque = unsafe UnsafeMutableRawPointer(bitPattern: UInt(dial.connection.number))
        let address = dial.address
        let socket = unsafe torghut_lws_connect(
            context, plan, address.host, Int32(address.port), dial.connection.path, address.host,
            address.isSealed ? 1 : 0, opaque)
        // The callback has usually said why already.
        if unsafe socket == nil { end(dial.connection.number, .failure(.notOpened("no connection"))) }
    }

    private func hear(
        _ reason: Int, _ socket: OpaquePointer, _ number: UInt64, _ bytes: UnsafeRawBufferPointer
    ) -> Int32 {
        switch reason {
        case torghut_lws_connection_error:
            let said = unsafe String(decoding: bytes.prefix(200), as: UTF8.self)
            let status = unsafe Int(torghut_lws_answer(socket))
            let why = WebSocketError.notOpened(said.isEmpty ? "refused" : said)
            end(number, .failure(status >= 300 ? .refused(status: status) : why))
        case torghut_lws_filter: return unsafe greet(socket)
        case torghut_lws_client_established, torghut_lws_established:
            sockets[number] = unsafe Socket(pointer: socket)
            guard let connection = connection(number) else { return -1 }
            connection.opened()
            if reason == torghut_lws_established, let accept {
                Task {
                    await accept(connection)
                    connection.close()
                }
            }
            unsafe lws_callback_on_writable(socket)
        case torghut_lws_client_received, torghut_lws_received: return unsafe receive(socket, number, bytes)
        case torghut_lws_client_writable, torghut_lws_writable: return unsafe write(socket, number)
        case torghut_lws_peer_close:
            if bytes.count >= 2 { statuses[number] = unsafe Int(bytes[0]) << 8 | Int(bytes[1]) }
        case torghut_lws_client_closed, torghut_lws_closed, torghut_lws_destroyed:
            end(number, statuses[number].map { .success($0) } ?? .failure(.lost))
        default: break
        }
        return 0
    }

    private func greet(_ socket: OpaquePointer) -> Int32 {
        var path = [CChar](repeating: 0, count: 512)
        // Safe: libwebsockets writes at most so many bytes, the NUL included, and says how many.
        let count = unsafe path.withUnsafeMutableBufferPointer {
            unsafe torghut_lws_path(socket, $0.baseAddress, Int32($0.count))
        }
        guard count > 0 else { return -1 }
        let text = String(decoding: path.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let connection = make(path: text)
        unsafe lws_set_opaque_user_data(socket, UnsafeMutableRawPointer(bitPattern: UInt(connection.number)))
        return 0
    }

    private func receive(_ socket: OpaquePointer, _ number: UInt64, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        // What is left of one that has ended is swallowed: a second refusal while libwebsockets waits for the answer to
        // our farewell would free the socket twice.
        guard let connection = connection(number) else { return 0 }
        let isLast = unsafe lws_is_final_fragment(socket) != 0 && lws_remaining_packet_payload(socket) == 0
        let isBinary = unsafe lws_frame_is_binary(socket) != 0
        switch unsafe connection.take(bytes, isBinary: isBinary, isLast: isLast) {
        case .more: return 0
        case .pause:
            unsafe lws_rx_flow_control(socket, 0)
            return 0
        case .tooLarge:
            // Without a farewell: libwebsockets 4.1 frees memory twice when one is said while a message comes in.
            end(number, .failure(.tooLarge(allowed: settings.maximumMessageBytes)))
            return -1
        }
    }

    private func write(_ socket: OpaquePointer, _ number: UInt64) -> Int32 {
        guard let connection = connection(number) else { return -1 }
        switch connection.nextTurn() {
        case .nothing: return 0
        case .send(let message, let more):
            var buffer = [UInt8](repeating: 0, count: torghut_lws_padding)
            buffer.append(contentsOf: message.bytes)
            let sent = unsafe buffer.withUnsafeMutableBufferPointer {
                // Safe: the room in front is what libwebsockets asks for; what it cannot send at once it copies.
                unsafe torghut_lws_send(socket, $0.baseAddress, message.bytes.count, message.isBinary ? 1 : 0)
            }
            guard sent >= 0 else { return -1 }
            if more { unsafe lws_callback_on_writable(socket) }
            return 0
        case .close(let status, let reason):
            unsafe torghut_lws_close(socket, Int32(status), reason, reason.utf8.count)
            // Our farewell ends it for our side.
            end(number, .success(status))
            return -1
        }
    }

    fileprivate static let callback: torghut_lws_callback = { socket, reason, session, bytes, count in
        guard let socket = unsafe socket, let context = unsafe lws_get_context(socket),
            let owner = unsafe lws_context_user(context)
        else { return 0 }
        // Safe: the loop outlives its context.
        let loop = unsafe Unmanaged<SocketLoop>.fromOpaque(owner).takeUnretainedValue()
        if Int(reason.rawValue) == torghut_lws_woken {
            unsafe loop.woken(context)
            return 0
        }
        let number = unsafe UInt64(UInt(bitPattern: lws_get_opaque_user_data(socket)))
        let handled = [
            torghut_lws_connection_error, torghut_lws_client_established, torghut_lws_client_received,
            torghut_lws_client_writable, torghut_lws_client_closed, torghut_lws_filter, torghut_lws_established,
            torghut_lws_received, torghut_lws_writable, torghut_lws_closed, torghut_lws_peer_close,
            torghut_lws_destroyed,
        ].contains(Int(reason.rawValue))
        guard handled else { return unsafe lws_callback_http_dummy(socket, reason, session, bytes, count) }
        return unsafe loop.hear(
            Int(reason.rawValue), socket, number, UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
    }
}
