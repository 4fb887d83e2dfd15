internal import Core
internal import Synchronization
internal import Threading

/// What the handles of one open journal and its writer thread share.
final class JournalCore: Sendable {
    let layer: any FileLayer
    let folder: JournalFolder
    let settings: JournalSettings
    let identity: JournalIdentity
    /// The state as far as it is durable.
    let published: Mutex<JournalState>
    let board: MarkBoard
    let queue: AppendQueue
    let pool: BlockPool
    let names: WriterNames
    /// Set before the lock is given back.
    let isClosing = Atomic(false)
    let retentionExecutor = BlockingExecutor("journal retention")

    init(_ layer: any FileLayer, _ folder: JournalFolder, _ settings: JournalSettings, _ picture: JournalPicture) {
        self.layer = layer
        self.folder = folder
        self.settings = settings
        identity = picture.identity
        published = Mutex(picture.state)
        board = MarkBoard(picture.mark)
        queue = AppendQueue(appends: settings.queuedAppends, bytes: settings.queuedBytes)
        pool = BlockPool(kept: 64, largest: 4 << 20)
        names = WriterNames(maximum: settings.maximumWriters)
    }

    /// Hands work to the writer thread and waits until it is durable or refused.
    func commit(_ work: Submission.Work, _ writer: WriterToken?, _ bytes: Int) async throws(LogError) -> [Int64] {
        let outcome = await withCheckedContinuation { done in
            if !queue.submit(Submission(work: work, writer: writer, bytes: bytes, done: done)) {
                done.resume(returning: .failure(LogError(.append, .closed)))
            }
        }
        return try outcome.get()
    }

    func append(_ append: Append, as writer: WriterToken?) async throws(LogError) -> [RecordPosition] {
        try LogLimits.check(append)
        guard append.positions.count <= settings.maximumAppendPositions else {
            let allowed = settings.maximumAppendPositions
            let actual = append.positions.count
            throw LogError(.append, .limitExceeded(name: "maximumAppendPositions", allowed: allowed, actual: actual))
        }
        if append.records.isEmpty && append.positions.isEmpty {
            // Nothing to write; whoever asks with it whether he is still the writer is told.
            if let writer, !names.isLatest(writer) { throw LogError(.append, .fenced(writer: writer.name)) }
            return []
        }
        let encoder = try RecordEncoder(append)
        // Positions lie in the directory and take room like records: counted, many of them are a large append too.
        let bytes = encoder.payloadBytes + append.positions.reduce(0) { $0 + 64 + $1.consumer.utf8.count }
        await queue.admit(bytes)
        defer { queue.leave(1, bytes) }
        var encoded = encoder.encode(into: pool, now: settings.clock())
        if bytes >= settings.largeAppendBytes { encoded = encoded.sealed(in: pool) }
        defer { pool.give(encoded.payload) }
        let bases = try await commit(.append(encoded), writer, bytes)
        return encoded.places(from: bases)
    }

    /// Opens a writer's name.
    ///
    /// What an older writer of the name had under way is durable or refused when this returns: who then reads to the
    /// end of its own output has seen everything that will ever be there under that name.
    func openWriter(_ name: String) async throws(LogError) -> WriterToken {
        let token = try names.open(name)
        do throws(LogError) {
            try await pass(token)
        } catch {
            names.close(token)
            throw error
        }
        return token
    }

    /// Waits until everything handed to the writer thread before this is durable or refused.
    func pass(_ token: WriterToken) async throws(LogError) {
        do { _ = try await commit(.change { _ in [] }, token, 0) } catch { throw LogError(.open, error.reason) }
    }

    /// Retention stops at its next step, and has stopped when this returns.
    func endRetention() async {
        isClosing.store(true, ordering: .releasing)
        await Retention(self).drain()
    }

    /// Changes the state by a batch of its own.
    func change(
        _ operation: LogError.Operation,
        _ body: @escaping @Sendable (JournalState) throws(LogError) -> [Change]
    ) async throws(LogError) {
        await queue.admit(0)
        defer { queue.leave(1, 0) }
        do { _ = try await commit(.change(body), nil, 0) } catch { throw LogError(operation, error.reason) }
    }
}
