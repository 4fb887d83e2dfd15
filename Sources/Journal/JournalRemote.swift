public import Core
internal import Threading

/// A journal that another process holds, through its `control.sock`.
///
/// Nothing is repeated behind the caller's back: once the connection is lost every call says so, and an append that
/// was on its way has an unknown outcome.
public final class JournalRemote: Sendable {
    private let link: ControlLink
    private let thread: WorkerThread
    private let room: AppendQueue

    /// Connects to the holder of the journal in this folder; `.unavailable` when nobody holds it.
    public static func connect(
        _ path: String, timeout: Duration = .seconds(10)
    ) async throws(LogError) -> JournalRemote {
        let link: ControlLink
        do throws(FileError) { link = try ControlLink() } catch { throw error.during(.open) }
        let deadline = ContinuousClock.now + timeout
        let thread: WorkerThread
        do throws(WorkerThread.StartFailure) {
            thread = try WorkerThread("journal-remote", wake: { link.wake.ring() }) { signal in
                ControlClient(link, path, deadline: deadline).run(until: signal)
            }
        } catch { throw LogError(.open, .failed("\(error)")) }
        do throws(LogError) {
            return JournalRemote(link, thread, try await link.greeting())
        } catch {
            await thread.stop()
            throw error
        }
    }

    private init(_ link: ControlLink, _ thread: WorkerThread, _ greeting: ControlGreeting) {
        self.link = link
        self.thread = thread
        // Below what the holder bears, so that it never stops reading and always hears that we are there.
        room = AppendQueue(appends: max(greeting.requests - 1, 1), bytes: max(greeting.bytes - 1, 1))
    }

    /// False once the holder is known to be gone, and after `close`: connect again.
    public var isConnected: Bool { link.isOpen }

    /// Writes records and positions as one: all of it is durable when this returns, or none of it is there.
    @discardableResult
    public func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
        try await self.append(append, as: nil)
    }

    /// Opens the writer of this name and fences the one that had it before, in whichever process.
    public func writer(named name: String) async throws(LogError) -> JournalRemoteWriter {
        guard case .writer(let epoch) = try await call(.openWriter(name)) else { throw Self.nonsense(.open) }
        return JournalRemoteWriter(self, WriterToken(name: name, epoch: epoch))
    }

    /// Makes all of these topics, or none when one cannot be.
    public func create(_ topics: [TopicSpec]) async throws(LogError) { _ = try await call(.create(topics)) }

    /// Changes retention and cleanup, and adds partitions; never takes partitions away.
    public func adjust(_ topic: TopicSpec) async throws(LogError) { _ = try await call(.adjust(topic)) }

    /// Removes a topic and the positions of its consumers.
    public func delete(_ topic: String) async throws(LogError) { _ = try await call(.delete(topic)) }

    /// Ends the connection.
    ///
    /// Appends still on their way have an unknown outcome.
    public func close() async { await thread.stop() }

    func append(_ append: Append, as writer: WriterToken?) async throws(LogError) -> [RecordPosition] {
        // The same refusals as in the holder, before anything is sent.
        try LogLimits.check(append)
        let sources = try RecordEncoder(append).sources
        guard case .offsets(let offsets) = try await call(.append(append, as: writer)), offsets.count == sources.count
        else { throw Self.nonsense(.append) }
        return zip(sources, offsets).map { RecordPosition($0, $1) }
    }

    func call(_ request: ControlRequest) async throws(LogError) -> ControlReply {
        let (kind, body) = request.encode()
        guard body.count <= ControlFrame.maximumBodyBytes else {
            let flaw = ControlFrame.Flaw.tooLong(body.count, request: 0)
            throw LogError(request.operation, flaw.reason)
        }
        await room.admit(body.count)
        defer { room.leave(1, body.count) }
        let reply = try await link.call(request, kind: kind, body: body)
        if case .failed(let error) = reply { throw LogError(request.operation, error.reason) }
        return reply
    }

    private static func nonsense(_ operation: LogError.Operation) -> LogError {
        LogError(operation, .failed("the journal's holder answered another question; use the same program"))
    }
}

extension RecordEncoder {
    /// The partition of each record, which every record names by now.
    fileprivate var sources: [TopicPartition] {
        append.records.map { TopicPartition($0.topic, $0.partition ?? 0) }
    }
}
