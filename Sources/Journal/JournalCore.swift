internal import Core
internal import Synchronization

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
        if append.records.isEmpty && append.positions.isEmpty { return [] }
        let encoder = try RecordEncoder(append)
        let bytes = encoder.payloadBytes
        await queue.admit(bytes)
        defer { queue.leave(1, bytes) }
        var encoded = encoder.encode(into: pool, now: settings.clock())
        if bytes >= settings.largeAppendBytes { encoded = encoded.sealed(in: pool) }
        defer { pool.give(encoded.payload) }
        let bases = try await commit(.append(encoded), writer, bytes)
        return encoded.places(from: bases)
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
