internal import Core
internal import Glibc
internal import Synchronization

/// The one thread that writes: takes what waits, writes it at once, syncs once, and only then answers.
///
/// Confined to its thread after `start`.
final class WriterThread {
    private let core: JournalCore
    private var builder: GroupBuilder
    private var mark: DurableMark.Place
    private var segment: Int32
    private let durable: Int32
    private let lock: Int32
    private let markBlock = Block(capacity: DurableMark.bytes)
    /// Set by a failed sync: what the disk has is not known any more, so nothing may be added to it.
    private var dead: LogError?

    /// Opens the files, shows the mark, and begins to write.
    static func start(_ core: JournalCore, lock: Int32) throws(LogError) {
        let state = core.published.withLock { $0 }
        do throws(FileError) {
            let segment = try core.layer.open(core.folder.segment(core.board.place.segment), .write)
            var open = [segment]
            do throws(FileError) {
                let durable = try core.layer.open(core.folder.durable, .write)
                open.append(durable)
                let thread = WriterThread(core, state, segment, durable, lock)
                try thread.publish(core.board.place)
                // A power loss right now must find a whole mark; later writes go into the same sector.
                try core.layer.sync(durable)
                let box = ThreadBox(thread)
                DedicatedThread.start { box.thread.run() }
            } catch {
                for file in open { core.layer.close(file) }
                throw error
            }
        } catch { throw error.during(.open) }
    }

    /// `@unchecked Sendable`: carries the writer to its thread; nobody else keeps it.
    private struct ThreadBox: @unchecked Sendable {
        let thread: WriterThread
        init(_ thread: WriterThread) { self.thread = thread }
    }

    private init(_ core: JournalCore, _ state: JournalState, _ segment: Int32, _ durable: Int32, _ lock: Int32) {
        self.core = core
        builder = GroupBuilder(state, core.settings)
        mark = core.board.place
        self.segment = segment
        self.durable = durable
        self.lock = lock
    }

    private func run() {
        while true {
            let group = core.queue.take(core.settings.groupBytes)
            let stops = group.filter { if case .stop = $0.work { true } else { false } }
            let outcomes = process(group)
            if stops.isEmpty {
                for (submission, outcome) in zip(group, outcomes) { submission.done.resume(returning: outcome) }
                continue
            }
            let rest = core.queue.end()
            close()
            for (submission, outcome) in zip(group, outcomes) { submission.done.resume(returning: outcome) }
            for submission in rest { submission.done.resume(returning: .failure(LogError(.append, .closed))) }
            return
        }
    }

    private func process(_ group: [Submission]) -> [Result<[Int64], LogError>] {
        if let dead { return group.map { $0.isStop ? .success([]) : .failure(dead) } }
        if Int(mark.byte) >= core.settings.segmentBytes, let failure = roll() {
            return group.map { $0.isStop ? .success([]) : .failure(failure) }
        }
        builder.begin(at: mark)
        let outcomes = group.map { build($0) }
        builder.flush()
        guard builder.bytes > 0, let failure = write(group.count) else { return outcomes }
        builder.goBack(to: core.published.withLock { $0 })
        return zip(group, outcomes).map { submission, outcome in
            if submission.isStop { return outcome }
            return outcome.flatMap { _ in .failure(failure) }
        }
    }

    private func build(_ submission: Submission) -> Result<[Int64], LogError> {
        Result { () throws(LogError) in
            if let writer = submission.writer, !core.names.isLatest(writer) {
                throw LogError(.append, .fenced(writer: writer.name))
            }
            switch submission.work {
            case .append(let append): return try builder.add(append)
            case .restore(let restoration):
                try builder.add(restoration)
                return []
            case .change(let body):
                try builder.add(body)
                return []
            case .stop: return []
            }
        }
    }

    /// Writes and syncs the group; the error, when nothing of it counts.
    private func write(_ appends: Int) -> LogError? {
        let start = Int(mark.byte)
        let began: ContinuousClock.Instant
        do throws(FileError) {
            try core.layer.write(segment, at: start, builder.output, 0..<builder.bytes)
        } catch {
            return takeBack(to: start, error)
        }
        do throws(FileError) {
            began = .now
            try core.layer.sync(segment)
        } catch {
            // The bytes are whole in the page cache: the next opening may find them there and keep them.
            _ = die(error)
            return LogError(.append, .outcomeUnknown("\(error.text); the journal must be opened again"))
        }
        core.settings.statistics.synced(.now - began)
        core.settings.statistics.wrote(appends, bytes: builder.bytes)
        mark.byte += UInt64(builder.bytes)
        mark.sequence = builder.state.sequence
        core.published.withLock { state in
            for batch in builder.built {
                do throws(JournalState.Contradiction) {
                    try state.fold(sequence: batch.sequence, thinned: false, batch.slices, batch.changes)
                } catch {
                    preconditionFailure("a durable batch contradicts the state: \(error.what)")
                }
            }
        }
        do throws(FileError) {
            try publish(mark)
        } catch {
            // Durable, but readers elsewhere would never learn of it.
            dead = LogError(.append, .failed("\(error.text); reopen the journal"))
        }
        return nil
    }

    /// Removes the part of a group that was written before there was no more room.
    private func takeBack(to size: Int, _ error: FileError) -> LogError? {
        do throws(FileError) {
            try core.layer.truncate(segment, to: size)
            // Or a power loss could bring back the size, and with it a whole batch that was refused.
            try core.layer.sync(segment)
        } catch {
            _ = die(error)
            return LogError(.append, .outcomeUnknown("\(error.text); the journal must be opened again"))
        }
        return error.isNoSpace ? LogError(.append, .noSpace(error.text)) : die(error)
    }

    private func die(_ error: FileError) -> LogError {
        let failure = LogError(.append, .failed("\(error.text); the journal must be opened again"))
        dead = failure
        return failure
    }

    /// Begins the next segment.
    ///
    /// Everything before it is durable by now.
    private func roll() -> LogError? {
        let first = mark.sequence
        let state = core.published.withLock { $0 }
        let folder = core.folder
        do throws(FileError) {
            try core.layer.replace(folder.start(first), with: state.encodeStart(log: core.identity.id), in: folder.path)
            let next = try core.layer.open(folder.segment(first), .write)
            do throws(FileError) {
                try core.layer.syncFolder(folder.path)
                let place = DurableMark.Place(segment: first, byte: 0, sequence: first)
                try publish(place)
                // Not before: the old segment stays the one that is written while this one is not published.
                mark = place
            } catch {
                core.layer.close(next)
                throw error
            }
            core.layer.close(segment)
            segment = next
            core.settings.statistics.began()
            return nil
        } catch {
            return error.isNoSpace ? LogError(.append, .noSpace(error.text)) : die(error)
        }
    }

    private func publish(_ place: DurableMark.Place) throws(FileError) {
        let bytes = DurableMark.encode(place)
        markBlock.copy(bytes, to: 0)
        try core.layer.write(durable, at: 0, markBlock, 0..<bytes.count)
        core.board.show(place)
    }

    private func close() {
        core.board.close()
        core.layer.close(segment)
        core.layer.close(durable)
        // A note of length zero says that the lock was given back; that it stays is no harm.
        try? core.layer.truncate(lock, to: 0)
        core.layer.close(lock)
    }
}

extension Submission {
    fileprivate var isStop: Bool { if case .stop = work { true } else { false } }
}
