internal import Core

/// Reads every file of a journal and every batch of every segment, and goes on behind what is damaged.
struct Verification {
    private let recovery: Recovery
    private var report = JournalReport()
    /// Whether something was taken out of the segment on purpose: then its batches do not add up to the next start.
    private var thinned = false
    private var layer: any FileLayer { recovery.layer }
    private var folder: JournalFolder { recovery.folder }

    init(_ recovery: Recovery) { self.recovery = recovery }

    mutating func run(_ progress: (JournalProgress) -> Void) throws(LogError) -> JournalReport {
        // The mark before the list: what is listed later than the mark cannot end before it.
        let mark = try note { [recovery] () throws(LogError) in try recovery.publishedMark() }
        let listing = try folder.list(layer)
        if listing.segments.isEmpty && listing.starts.isEmpty {
            throw LogError(.verify, .unavailable("there is no journal at \(folder.path)"))
        }
        let identity = try note { [recovery] () throws(LogError) in try recovery.identity() }
        let held = layer.isLocked(folder.lock)
        try checkLock(held)
        report.progress.totalBytes = try totalBytes(listing.segments)
        let last = listing.segments.last ?? 0
        if let mark, mark.segment > last { add(folder.segment(mark.segment), 0, "the file is missing") }
        var state: JournalState?
        for segment in listing.segments {
            guard mark.map({ segment <= $0.segment }) ?? true || !held else { break }
            let start = try checkStart(segment, after: state, identity, isFirst: segment == listing.segments.first)
            state = start ?? state
            let isLast = segment == last
            try checkSegment(segment, mark, held, isLast, &state, progress)
        }
        for start in listing.starts where !listing.segments.contains(start) && start > last {
            _ = try checkStart(start, after: state, identity, isFirst: false)
        }
        if let state, let identity, report.damage.isEmpty {
            _ = try note { [recovery] () throws(LogError) in
                try recovery.keepPrefixHonest(listing, state, identity.id)
            }
        }
        return report
    }

    private mutating func add(_ file: String, _ byte: Int, _ what: String) {
        report.damage.append(JournalDamage(file: file, byte: Int64(byte), what: what))
    }

    /// Runs a step; damage that it meets goes into the report, everything else stops the check.
    private mutating func note<Value>(_ step: () throws(LogError) -> Value) throws(LogError) -> Value? {
        do { return try step() } catch {
            guard case .damaged(let file, let byte, let what) = error.reason else { throw error }
            report.damage.append(JournalDamage(file: file, byte: byte, what: what))
            return nil
        }
    }

    private mutating func checkLock(_ held: Bool) throws(LogError) {
        // While it is held, its note may be in the middle of being written.
        guard !held, let note = try layer.contents(of: folder.lock, limit: FolderLock.largestNote) else { return }
        if !FolderLock.isIntact(note) { add(folder.lock, 0, "the note of the last holder has a wrong checksum") }
    }

    private func totalBytes(_ segments: [UInt64]) throws(LogError) -> Int64 {
        var total: Int64 = 0
        for segment in segments { total += Int64(try BatchWindow(layer, path: folder.segment(segment)).limit) }
        return total
    }

    /// The state at a segment's start: read, and compared with what the segments before it come to.
    private mutating func checkStart(
        _ segment: UInt64, after before: JournalState?, _ identity: JournalIdentity?, isFirst: Bool
    ) throws(LogError) -> JournalState? {
        guard let identity else { return nil }
        let start = try note { [recovery] () throws(LogError) in try recovery.start(segment, of: identity.id) }
        guard let start else { return before }
        if !isFirst, let before {
            if before.sequence != segment && report.damage.isEmpty {
                add(folder.segment(before.sequence), 0, "the file is missing")
            } else if before != start && report.damage.isEmpty && !thinned {
                add(folder.start(segment), 24, "is not what the batches before it come to")
            }
        }
        return start
    }

    private mutating func checkSegment(
        _ segment: UInt64, _ mark: DurableMark.Place?, _ held: Bool, _ isLast: Bool, _ state: inout JournalState?,
        _ progress: (JournalProgress) -> Void
    ) throws(LogError) {
        thinned = false
        let path = folder.segment(segment)
        let window = try BatchWindow(layer, path: path)
        let marked = mark.map { $0.segment == segment ? Int(clamping: $0.byte) : 0 } ?? 0
        if marked > window.limit {
            add(path, window.limit, "the file ends here, and records up to byte \(marked) were durable")
        }
        // What a living writer has not published yet is none of our business.
        if held && mark?.segment == segment { window.limit = min(window.limit, marked) }
        var durable = isLast ? marked : window.limit
        let before = report.progress.bytes
        var byte = 0
        while let found = try window.batch(at: byte, .payload) {
            switch found {
            case .success(let batch):
                if batch.header.mark.segment == segment {
                    durable = max(durable, min(window.limit, Int(clamping: batch.header.mark.byte)))
                }
                check(batch, in: window, &state)
                byte = batch.end
            case .failure(let flaw):
                if flaw.torn && byte >= durable, try !recovery.isBelowLaterMark(flaw, segment, window) {
                    report.unfinishedBytes += window.limit - byte
                    return
                }
                add(path, flaw.byte, flaw.what)
                guard let next = try Self.nextBatch(after: flaw, in: window) else { return }
                byte = next
            }
            report.progress.bytes = before + Int64(byte)
            progress(report.progress)
        }
    }

    private mutating func check(_ batch: BatchWindow.Batch, in window: BatchWindow, _ state: inout JournalState?) {
        report.progress.batches += 1
        report.progress.records += batch.header.records
        if let what = Self.flaw(of: batch, in: window) { add(window.path, batch.byte, what) }
        guard var folded = state.take() else { return }
        do throws(JournalState.Contradiction) {
            if batch.header.flags.contains(.thinned) { thinned = true }
            let lenient = thinned || !report.damage.isEmpty
            try folded.fold(sequence: batch.header.sequence, thinned: lenient, batch.slices, batch.changes)
            state = folded
        } catch {
            add(window.path, batch.byte, error.what)
        }
    }

    /// What a checksum cannot see: whether the payload decompresses and its records fit their slices.
    static func flaw(of batch: BatchWindow.Batch, in window: BatchWindow) -> String? {
        let payload: [UInt8]
        do { payload = try BatchDecoder.payload(of: batch, in: window) } catch { return error.what }
        var entries: [RecordBatch.Entry] = []
        for slice in batch.slices {
            let sound = unsafe payload.withUnsafeBytes { bytes in
                unsafe RecordWalker.walk(
                    slice, in: bytes, shift: 0, from: slice.base, source: 0, headers: true, into: &entries)
            }
            if !sound { return "the records do not fit their batch" }
            entries.removeAll(keepingCapacity: true)
        }
        return nil
    }

    /// Where reading can go on behind a damaged batch: at its end when its header is whole, else at the next header
    /// that is.
    static func nextBatch(after flaw: BatchWindow.Flaw, in window: BatchWindow) throws(LogError) -> Int? {
        if let header = flaw.header {
            let end = flaw.byte + header.batchBytes
            return end < window.limit ? end : nil
        }
        var at = flaw.byte + 16
        while try window.fetch(at, BatchHeader.bytes) {
            if BatchHeader.read(from: window.block, at: window.place(of: at)) != nil { return at }
            at += 16
        }
        return nil
    }
}
