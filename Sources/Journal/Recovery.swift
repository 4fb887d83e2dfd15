internal import Core

/// What opening found beyond the durable mark.
public struct JournalRecovery: Equatable, Sendable {
    /// Bytes of an unfinished write that were cut off, and the file that keeps them.
    public internal(set) var tornBytes = 0
    public internal(set) var cutFile: String?
    /// Whole batches beyond the mark, which were written again and synced before anyone saw them.
    public internal(set) var rescuedBatches = 0
}

/// The journal as it lies in its folder: which log, its state, and where the next batch goes.
struct JournalPicture {
    var identity: JournalIdentity
    var state: JournalState
    var mark: DurableMark.Place
}

/// Reads a journal's state: the newest `.start` file and the directories of the batches after it.
///
/// Whatever is wrong below the durable mark is damage. Beyond it, an unfinished write is not.
struct Recovery {
    let layer: any FileLayer
    let folder: JournalFolder

    func identity() throws(LogError) -> JournalIdentity {
        guard let bytes = try layer.contents(of: folder.identity, limit: 4096) else {
            let listing = try folder.list(layer)
            if listing.segments.isEmpty { throw LogError(.open, .unavailable("there is no journal at \(folder.path)")) }
            throw LogError(.open, .damaged(file: folder.identity, byte: 0, what: "the file is missing"))
        }
        return try JournalIdentity.decode(bytes, file: folder.identity)
    }

    /// The published mark.
    ///
    /// A reader may meet it in the middle of a write and looks again.
    func publishedMark() throws(LogError) -> DurableMark.Place {
        for _ in 0..<100 {
            guard let bytes = try layer.contents(of: folder.durable, limit: 4096) else {
                throw LogError(.open, .damaged(file: folder.durable, byte: 0, what: "the file is missing"))
            }
            if let place = DurableMark.decode(bytes) { return place }
        }
        throw LogError(.open, .damaged(file: folder.durable, byte: 0, what: "not a mark, or its checksum is wrong"))
    }

    func start(_ first: UInt64, of log: String) throws(LogError) -> JournalState {
        let path = folder.start(first)
        guard let bytes = try layer.contents(of: path, limit: JournalState.maximumStartBytes) else {
            throw LogError(.open, .damaged(file: path, byte: 0, what: "the file is missing"))
        }
        let (state, owner) = try JournalState.decodeStart(bytes, file: path)
        guard state.sequence == first, owner == log else {
            throw LogError(.open, .damaged(file: path, byte: 24, what: "belongs to another segment or journal"))
        }
        return state
    }

    /// The journal as far as it is published, for those who only read.
    func readable() throws(LogError) -> JournalPicture {
        let identity = try identity()
        var mark = try publishedMark()
        while true {
            let state = Result { () throws(LogError) in try self.state(at: mark, of: identity.id) }
            // A segment that was closed meanwhile may have been rewritten or deleted before its file was opened.
            let now = try publishedMark()
            if now.segment == mark.segment {
                return JournalPicture(identity: identity, state: try state.get(), mark: mark)
            }
            mark = now
        }
    }

    private func state(at mark: DurableMark.Place, of log: String) throws(LogError) -> JournalState {
        var state = try start(mark.segment, of: log)
        let window = try BatchWindow(layer, path: folder.segment(mark.segment), limit: Int(clamping: mark.byte))
        var byte = 0
        while let found = try window.batch(at: byte, .directory) {
            let batch = try Self.whole(found, in: window)
            try Self.fold(batch, into: &state, in: window)
            byte = batch.end
        }
        return state
    }

    static func whole(
        _ found: Result<BatchWindow.Batch, BatchWindow.Flaw>, in window: BatchWindow
    ) throws(LogError) -> BatchWindow.Batch {
        switch found {
        case .success(let batch): return batch
        case .failure(let flaw):
            throw LogError(.open, .damaged(file: window.path, byte: Int64(flaw.byte), what: flaw.what))
        }
    }

    static func fold(
        _ batch: BatchWindow.Batch, into state: inout JournalState, in window: BatchWindow
    ) throws(LogError) {
        do {
            let thinned = batch.header.flags.contains(.thinned)
            try state.fold(sequence: batch.header.sequence, thinned: thinned, batch.slices, batch.changes)
        } catch {
            throw LogError(.open, .damaged(file: window.path, byte: Int64(batch.byte), what: error.what))
        }
    }
}
