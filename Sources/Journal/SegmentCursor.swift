internal import Core

/// Goes through the segments of a journal, batch by batch, never past the durable mark.
struct SegmentCursor {
    private let layer: any FileLayer
    private let folder: JournalFolder
    private(set) var window: BatchWindow
    private(set) var segment: UInt64
    private(set) var byte = 0
    /// The sequence that is due next.
    private(set) var sequence: UInt64
    /// The mark as it was last looked at.
    private(set) var mark: DurableMark.Place
    private let look: @Sendable () throws(LogError) -> DurableMark.Place
    private var sealed = false
    /// Whether the disk may be waited for; when not, a call that would need it throws and changes nothing.
    var mayBlock = true {
        didSet {
            window.mayBlock = mayBlock
            isBlocked = false
        }
    }
    /// The last call threw for no other reason than that.
    private(set) var isBlocked = false
    private let chunk: Int

    init(
        _ layer: any FileLayer, _ folder: JournalFolder, at segment: UInt64, chunk: Int = 64 << 10,
        mark: DurableMark.Place, look: @escaping @Sendable () throws(LogError) -> DurableMark.Place
    ) throws(LogError) {
        self.layer = layer
        self.folder = folder
        self.segment = segment
        self.mark = mark
        self.look = look
        sequence = segment
        self.chunk = chunk
        window = try BatchWindow(layer, path: folder.segment(segment), limit: 0, chunk: chunk)
    }

    /// Looks at the mark anew.
    mutating func refresh() throws(LogError) { mark = try look() }

    /// Bytes of this segment that are known to be there and were not read yet.
    var bytesLeft: Int { max(0, window.limit - byte) }

    /// The next batch below the mark, whose payload was checked; `nil` when the mark is reached.
    ///
    /// It is good until the next call: then the window may move.
    mutating func next(_ depth: BatchWindow.Depth) throws(LogError) -> BatchWindow.Batch? {
        guard let batch = try due(depth) else { return nil }
        pass(batch)
        return batch
    }

    /// The next batch below the mark that is wanted; payloads of others are neither read nor checked.
    mutating func next(wanting isWanted: (BatchWindow.Batch) -> Bool) throws(LogError) -> BatchWindow.Batch? {
        while let batch = try due(.directory) {
            guard isWanted(batch) else {
                pass(batch)
                continue
            }
            let whole = try payload(of: batch)
            pass(whole)
            return whole
        }
        return nil
    }

    private mutating func pass(_ batch: BatchWindow.Batch) {
        byte = batch.end
        sequence = batch.header.sequence + 1
    }

    /// The batch that is due, and stays so.
    private mutating func due(_ depth: BatchWindow.Depth) throws(LogError) -> BatchWindow.Batch? {
        while true {
            try widen()
            if let found = try batch(depth) {
                let batch = try Recovery.whole(found, in: window)
                let thinned = batch.header.flags.contains(.thinned)
                guard batch.header.sequence == sequence || (thinned && batch.header.sequence > sequence) else {
                    let what = "batch \(batch.header.sequence) where \(sequence) is due"
                    throw LogError(.read, .damaged(file: window.path, byte: Int64(byte), what: what))
                }
                return batch
            }
            guard sealed else { return nil }
            try turn()
        }
    }

    private mutating func payload(of batch: BatchWindow.Batch) throws(LogError) -> BatchWindow.Batch {
        let found: Result<BatchWindow.Batch, BatchWindow.Flaw>
        do { found = try window.withPayload(batch) } catch {
            isBlocked = window.isBlocked
            throw error
        }
        return try Recovery.whole(found, in: window)
    }

    private mutating func batch(
        _ depth: BatchWindow.Depth
    ) throws(LogError) -> Result<BatchWindow.Batch, BatchWindow.Flaw>? {
        do { return try window.batch(at: byte, depth) } catch {
            isBlocked = window.isBlocked
            throw error
        }
    }

    /// Says that what comes next needs the disk.
    mutating func needDisk() throws(LogError) {
        guard !mayBlock else { return }
        isBlocked = true
        throw BatchWindow.waits
    }

    /// A sealed segment is read to its end, the one that is written up to the mark.
    private mutating func widen() throws(LogError) {
        if mark.segment == segment {
            window.limit = max(window.limit, Int(clamping: mark.byte))
        } else if mark.segment > segment && !sealed {
            sealed = true
            try window.widenToEnd()
        }
    }

    /// Goes on to the next segment, which must be the one that is due.
    ///
    /// Only segments before everything that is left may be gone: retention deletes from the front.
    private mutating func turn() throws(LogError) {
        try needDisk()
        let listing = try folder.list(layer)
        guard let next = listing.segments.first(where: { $0 > segment }),
            next == sequence || next == listing.segments.first
        else { throw LogError(.read, .damaged(file: folder.segment(sequence), byte: 0, what: "the file is missing")) }
        do {
            window = try BatchWindow(layer, path: folder.segment(next), limit: 0, chunk: chunk)
        } catch {
            // Retention may have deleted it since it was listed; then the list has changed.
            guard try folder.list(layer).segments.first.map({ $0 > next }) ?? false else { throw error }
            return try turn()
        }
        segment = next
        sequence = next
        byte = 0
        sealed = false
        // The mark is a place in the file as it was written. If the segment was closed since we looked, the file that
        // was just opened may be a shorter one that retention put in its place; a mark taken now says so.
        if segment >= mark.segment { try refresh() }
    }
}
