public import Core
internal import Synchronization

/// Reads partitions of a journal, each from its own start, in the order in which the journal was written.
///
/// In the writing process it is told when there is more; in another it looks at the published mark. Damage that it
/// meets is an error with file and byte, and nothing of that batch is delivered. One caller at a time.
///
/// What lies in the page cache is read and decoded where the caller stands: a turn to another thread and back costs as
/// much as a third of the decoding. Only what the disk must be waited for goes to a thread that may wait.
public final class JournalReader: Sendable {
    private struct State {
        var scan: JournalScan
        var failure: LogError?
    }

    private enum Step {
        case batch(RecordBatch)
        case nothing
        case waitsForDisk
        case failed(LogError)
    }

    private let state: Mutex<State>
    private let board: MarkBoard?
    private let disk: DiskWork
    private let closed = Atomic<Bool>(false)

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
        let disk = DiskWork()
        return try await disk.run { () throws(LogError) in
            try JournalReader(recovery, try recovery.readable(), nil, starts, options, disk)
        }
    }

    init(
        _ recovery: Recovery, _ picture: JournalPicture, _ board: MarkBoard?, _ starts: [TopicPartition: ReadStart],
        _ options: ReadOptions, _ disk: DiskWork
    ) throws(LogError) {
        self.board = board
        self.disk = disk
        state = Mutex(State(scan: try JournalScan(recovery, picture, board, starts, options)))
    }

    public func close() async { closed.store(true, ordering: .releasing) }

    /// The next records, or an empty batch when none came within the wait.
    public func next(waiting limit: Duration) async throws(LogError) -> RecordBatch {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        var pause = Duration.milliseconds(1)
        while true {
            if closed.load(ordering: .acquiring) || board?.isClosed == true { throw LogError(.read, .closed) }
            if let batch = try await step() { return batch }
            let left = clock.now.duration(to: deadline)
            guard left > .zero, !Task.isCancelled else { return .empty }
            if let board {
                await board.wait(beyond: state.withLock { $0.scan.mark }, left)
            } else {
                // A cancelled sleep ends the wait at the next turn.
                try? await Task.sleep(for: min(pause, left))
                pause = min(pause * 2, .milliseconds(20))
            }
        }
    }

    private func step() async throws(LogError) -> RecordBatch? {
        var step = step(mayBlock: false)
        if case .waitsForDisk = step { step = try await disk.run { self.step(mayBlock: true) } }
        switch step {
        case .batch(let batch): return batch
        case .failed(let failure): throw failure
        case .nothing, .waitsForDisk: return nil
        }
    }

    private func step(mayBlock: Bool) -> Step {
        state.withLock { state in
            // A failure stays: what lies behind it is never delivered.
            if let failure = state.failure { return .failed(failure) }
            do throws(LogError) {
                if let batch = try state.scan.advance(mayBlock: mayBlock) { return .batch(batch) }
                // In another process the mark is a file.
                return mayBlock || board != nil ? .nothing : .waitsForDisk
            } catch {
                if state.scan.isBlocked { return .waitsForDisk }
                let failure = LogError(.read, error.reason)
                state.failure = failure
                return .failed(failure)
            }
        }
    }
}
