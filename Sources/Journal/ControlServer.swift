internal import Core
internal import Glibc
internal import Synchronization
internal import Threading

/// Lets other processes of the same user append to the journal that this process holds.
///
/// Each connection has a queue of its own, so a slow or silent one keeps nobody waiting. Whatever breaks the
/// protocol loses its connection and nothing else.
final class ControlServer: Sendable {
    private struct State {
        var connections: [Int32: Task<Void, Never>] = [:]
        var closed = false
    }

    private let core: JournalCore
    private let listener: Int32
    private let state = Mutex(State())

    init(_ core: JournalCore) throws(LogError) {
        self.core = core
        do { listener = try ControlSocket.listen(in: core.folder) } catch { throw error.during(.open) }
    }

    func start() {
        DedicatedThread.start { [self] in
            while true {
                let socket = accept(listener, nil, nil)
                if socket < 0 && (errno == EINTR || errno == ECONNABORTED) { continue }
                guard socket >= 0 else {
                    if state.withLock({ $0.closed }) { break }
                    // Out of descriptors: the world may recover, and a loop must not burn a core meanwhile.
                    usleep(10_000)
                    continue
                }
                take(socket)
            }
            close(listener)
        }
    }

    private func take(_ socket: Int32) {
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        let taken = state.withLock { state in
            guard !state.closed, state.connections.count < core.settings.controlConnections,
                ControlSocket.isOwn(socket)
            else { return false }
            let connection = ControlConnection(core, socket)
            state.connections[socket] = Task {
                await connection.serve()
                end(socket)
            }
            return true
        }
        if !taken { close(socket) }
    }

    private func end(_ socket: Int32) {
        // Closed under the lock: afterwards the number may belong to another connection.
        state.withLock { state in
            state.connections[socket] = nil
            _ = close(socket)
        }
    }

    /// Wakes every thread that waits in the kernel; each then ends by itself.
    func stop() {
        let first = state.withLock { state in
            defer { state.closed = true }
            for socket in state.connections.keys { shutdown(socket, Int32(SHUT_RDWR)) }
            return !state.closed
        }
        guard first else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        unsafe unlink(core.folder.control)
    }
}

/// One connection: a question, an answer, in turn.
private actor ControlConnection {
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let executor = BlockingExecutor("journal control")
    private let core: JournalCore
    private let socket: Int32
    private var writers: [UInt64: WriterToken] = [:]

    init(_ core: JournalCore, _ socket: Int32) {
        self.core = core
        self.socket = socket
    }

    func serve() async {
        let limit = core.settings.controlTimeout
        while true {
            do throws(ControlFrame.Broken) {
                let frame = try ControlFrame.read(from: socket, within: limit, idle: nil)
                try await answer(frame).write(to: socket, within: limit)
            } catch {
                break
            }
        }
        for writer in writers.values { core.names.close(writer) }
    }

    private func answer(_ frame: ControlFrame) async -> ControlFrame {
        do throws(LogError) {
            let outcome: Result<[UInt8], LogError>
            do throws(ByteReader.CutShort) { outcome = try await perform(frame) } catch {
                throw LogError(.append, .refused("the frame makes no sense"))
            }
            return ControlFrame(kind: .done, body: try outcome.get())
        } catch {
            return ControlFrame(kind: .failed, body: ControlCodec.encode(error))
        }
    }

    private func perform(_ frame: ControlFrame) async throws(ByteReader.CutShort) -> Result<[UInt8], LogError> {
        switch frame.kind {
        case .append:
            let (append, writer) = try ControlCodec.append(frame.body)
            if writer != 0, writers[writer] == nil { return .failure(LogError(.append, .closed)) }
            return await attempt { [core, token = writers[writer]] () async throws(LogError) in
                ControlCodec.encode(try await core.append(append, as: token))
            }
        case .create:
            let topics = try ControlCodec.topics(frame.body)
            return await attempt { [core] () async throws(LogError) in
                try await core.create(topics)
                return []
            }
        case .adjust:
            guard let topic = try ControlCodec.topics(frame.body).first else { throw ByteReader.CutShort() }
            return await attempt { [core] () async throws(LogError) in
                try await core.adjust(topic)
                return []
            }
        case .delete:
            let topic = try ControlCodec.text(frame.body)
            return await attempt { [core] () async throws(LogError) in
                try await core.delete(topic)
                return []
            }
        case .writer:
            let name = try ControlCodec.text(frame.body)
            return open(name)
        case .closeWriter:
            var reader = ByteReader(frame.body)
            if let token = writers.removeValue(forKey: try reader.take(UInt64.self)) { core.names.close(token) }
            return .success([])
        case .done, .failed: throw ByteReader.CutShort()
        }
    }

    private func attempt(
        _ body: @Sendable () async throws(LogError) -> [UInt8]
    ) async -> Result<[UInt8], LogError> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private func open(_ name: String) -> Result<[UInt8], LogError> {
        Result { () throws(LogError) in
            let token = try core.names.open(name)
            writers[token.epoch] = token
            var out = ByteWriter()
            out.put(token.epoch)
            return out.bytes
        }
    }
}
