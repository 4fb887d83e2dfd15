public import Core
internal import Threading

/// Reads partitions of a journal, each from its own start, in the order in which the journal was written.
///
/// In the writing process it is told when there is more; in another it looks at the published mark. Damage that it
/// meets is an error with file and byte, and nothing of that batch is delivered. One caller at a time.
///
/// While the caller works on one batch the next is made ready, once a second call has shown that the caller reads on.
/// So a reader holds one batch ahead of its caller: half a megabyte of records, or a single larger append.
public actor JournalReader {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let executor = BlockingExecutor("journal reader")
    private let board: MarkBoard?
    private var scan: JournalScan
    private var ahead: RecordBatch?
    private var delivered = 0
    private var closed = false
    private var failure: LogError?

    /// Opens a reader from any process.
    public static func open(
        _ path: String, from starts: [TopicPartition: ReadStart], _ options: ReadOptions = .init()
    ) async throws(LogError) -> JournalReader {
        try await open(path, from: starts, options, on: SystemFiles())
    }

    package static func open(
        _ path: String, from starts: [TopicPartition: ReadStart], _ options: ReadOptions = .init(),
        on layer: any FileLayer
    ) async throws(LogError) -> JournalReader {
        let recovery = Recovery(layer: layer, folder: JournalFolder(path: path))
        return try JournalReader(recovery, try recovery.readable(), nil, starts, options)
    }

    init(
        _ recovery: Recovery, _ picture: JournalPicture, _ board: MarkBoard?, _ starts: [TopicPartition: ReadStart],
        _ options: ReadOptions
    ) throws(LogError) {
        self.board = board
        scan = try JournalScan(recovery, picture, board, starts, options)
    }

    public func close() {
        closed = true
        ahead = nil
    }

    /// The next records, or an empty batch when none came within the wait.
    public func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        var pause = Duration.milliseconds(1)
        while true {
            if closed || board?.isClosed == true { throw LogError(.read, .closed) }
            if let batch = try take() {
                readOn()
                return batch
            }
            let left = clock.now.duration(to: deadline)
            guard left > .zero, !Task.isCancelled else { return .empty }
            if let board {
                await board.wait(beyond: scan.mark, left)
            } else {
                // A cancelled sleep ends the wait at the next turn.
                try? await Task.sleep(for: min(pause, left))
                pause = min(pause * 2, .milliseconds(20))
            }
        }
    }

    private func take() throws(LogError) -> RecordBatch? {
        if let ready = ahead.take() { return ready }
        return try advance()
    }

    /// A failure stays: what lies behind it is never delivered.
    private func advance() throws(LogError) -> RecordBatch? {
        if let failure { throw failure }
        do throws(LogError) {
            return try scan.advance()
        } catch {
            let failure = LogError(.read, error.reason)
            self.failure = failure
            throw failure
        }
    }

    /// Makes the next batch ready behind the caller's back, when it is known to be there.
    private func readOn() {
        delivered += 1
        guard delivered > 1, scan.hasMore else { return }
        // Runs here, on this actor, before the caller's next call does.
        Task { fill() }
    }

    private func fill() {
        guard ahead == nil, failure == nil, !closed else { return }
        // A failure is kept, and the caller's next call throws it.
        ahead = try? advance()
    }
}
