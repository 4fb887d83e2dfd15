public import Core
internal import Glibc
internal import Threading

/// Appends to a journal that another process holds, through its `control.sock`.
///
/// An answer that does not come leaves the outcome unknown: the holder may have made the append durable before it
/// went away. The connection is dead then; the log is read before anything is written again.
public final class JournalRemote: Sendable {
    private let line: ControlLine

    /// Refused with `.unavailable` when nobody holds the journal.
    public static func connect(
        _ path: String, timeout: Duration = .seconds(10)
    ) async throws(LogError) -> JournalRemote {
        do throws(FileError) {
            return JournalRemote(ControlLine(try ControlSocket.connect(in: JournalFolder(path: path)), timeout))
        } catch {
            switch error.code {
            case ENOENT, ECONNREFUSED: throw LogError(.open, .unavailable("no process holds the journal at \(path)"))
            default: throw error.during(.open)
            }
        }
    }

    private init(_ line: ControlLine) { self.line = line }

    @discardableResult
    public func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        try await line.append(append, writer: 0)
    }

    public func create(_ topics: [TopicSpec]) async throws(LogError) {
        _ = try await line.ask(.create, ControlCodec.encode(topics), .create)
    }

    public func adjust(_ topic: TopicSpec) async throws(LogError) {
        _ = try await line.ask(.adjust, ControlCodec.encode([topic]), .adjust)
    }

    public func delete(_ topic: String) async throws(LogError) {
        _ = try await line.ask(.delete, ControlCodec.encode(topic), .delete)
    }

    /// Opens the writer of this name and fences the one that had it before, in whichever process that is.
    public func writer(named name: String) async throws(LogError) -> JournalRemoteWriter {
        let body = try await line.ask(.writer, ControlCodec.encode(name), .open)
        var reader = ByteReader(body)
        do throws(ByteReader.CutShort) {
            return JournalRemoteWriter(line, try reader.take(UInt64.self))
        } catch { throw LogError(.open, .failed("the holder's answer makes no sense")) }
    }

    public func close() async { await line.close() }
}

public final class JournalRemoteWriter: Sendable {
    private let line: ControlLine
    private let number: UInt64

    fileprivate init(_ line: ControlLine, _ number: UInt64) {
        self.line = line
        self.number = number
    }

    @discardableResult
    public func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        try await line.append(append, writer: number)
    }

    /// Gives the name back; a holder that is gone has forgotten it anyway.
    public func close() async {
        var out = ByteWriter()
        out.put(number)
        _ = try? await line.ask(.closeWriter, out.bytes, .open)
    }
}

/// The connection: one question at a time, on a thread of its own.
private actor ControlLine {
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let executor = BlockingExecutor("journal remote")
    private let timeout: Duration
    private var socket: Int32

    init(_ socket: Int32, _ timeout: Duration) {
        self.socket = socket
        self.timeout = timeout
    }

    deinit { if socket >= 0 { _ = Glibc.close(socket) } }

    func close() {
        if socket >= 0 { _ = Glibc.close(socket) }
        socket = -1
    }

    func append(_ append: Append, writer: UInt64) throws(LogError) -> [RecordPosition] {
        try LogLimits.check(append)
        for record in append.records {
            // The frame has sixteen bits for a name's length.
            let longest = record.headers.map { $0.name.utf8.count }.max() ?? 0
            guard longest <= Header.maximumNameBytes else {
                let allowed = Header.maximumNameBytes
                throw LogError(.append, .limitExceeded(name: "maximumNameBytes", allowed: allowed, actual: longest))
            }
            try Self.check(topic: record.topic)
        }
        for position in append.positions { try Self.check(topic: position.source.topic) }
        let body = try ask(.append, ControlCodec.encode(append, writer: writer), .append)
        do throws(ByteReader.CutShort) { return try ControlCodec.places(body) } catch {
            throw LogError(.append, .outcomeUnknown("the holder's answer makes no sense"))
        }
    }

    func ask(_ kind: ControlFrame.Kind, _ body: [UInt8], _ operation: LogError.Operation) throws(LogError) -> [UInt8] {
        guard socket >= 0 else { throw LogError(operation, .closed) }
        guard body.count < ControlFrame.maximumBytes else {
            let allowed = ControlFrame.maximumBytes
            throw LogError(
                operation, .limitExceeded(name: "ControlFrame.maximumBytes", allowed: allowed, actual: body.count))
        }
        let answer: ControlFrame
        do throws(ControlFrame.Broken) {
            try ControlFrame(kind: kind, body: body).write(to: socket, within: timeout)
            answer = try ControlFrame.read(from: socket, within: timeout, idle: timeout)
        } catch {
            close()
            throw LogError(operation, .outcomeUnknown("no answer from the journal's holder: \(error.what)"))
        }
        if answer.kind == .done { return answer.body }
        let refusal: LogError
        do throws(ByteReader.CutShort) { refusal = try ControlCodec.error(answer.body, operation) } catch {
            close()
            throw LogError(operation, .outcomeUnknown("the holder's answer makes no sense"))
        }
        throw refusal
    }

    private static func check(topic: String) throws(LogError) {
        let allowed = LogLimits.maximumTopicNameBytes
        guard topic.utf8.count <= allowed else { throw LogError(.append, .unknownTopic(topic)) }
    }
}
