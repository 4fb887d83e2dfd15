public import Core

extension Journal {
    /// Reads these partitions, each from its own start, and goes on as the journal grows.
    public func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions = .init()
    ) async throws(LogError) -> JournalReader {
        // The mark first: the state may be newer than it, and never older.
        let mark = core.board.place
        let picture = JournalPicture(identity: core.identity, state: state, mark: mark)
        let disk = DiskWork()
        return try await disk.run { [core] () throws(LogError) in
            let recovery = Recovery(layer: core.layer, folder: core.folder)
            return try JournalReader(recovery, picture, core.board, starts, options, disk)
        }
    }

    /// One record, to compare with what a reader remembers of it; `nil` when it is not there.
    public func record(at position: RecordPosition) async throws(LogError) -> Record? {
        let lane = try state.key(of: position.source, .read).1
        guard (lane.begin..<lane.next).contains(position.offset) else { return nil }
        return try await reader(from: [position.source: .offset(position.offset)], .one).first(at: position.offset)
    }
}

extension JournalView {
    /// One record, to compare with what a reader remembers of it; `nil` when it is not there.
    public func record(at position: RecordPosition) async throws(LogError) -> Record? {
        guard let bounds = try bounds(of: [position.source])[position.source] else { return nil }
        guard (bounds.begin..<bounds.end).contains(position.offset) else { return nil }
        let starts = [position.source: ReadStart.offset(position.offset)]
        return try await JournalReader.open(path, from: starts, .one).first(at: position.offset)
    }
}

extension ReadOptions {
    fileprivate static var one: ReadOptions { ReadOptions(maximumRecords: 1) }
}

extension JournalReader {
    fileprivate func first(at offset: Int64) async throws(LogError) -> Record? {
        let batch = try await next(waiting: .zero)
        guard let entry = batch.entries.first, entry.offset == offset else { return nil }
        return batch.record(at: 0)
    }
}
