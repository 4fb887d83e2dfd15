internal import Core

/// Cuts out what is damaged and nothing else: a batch whose payload is spoiled loses its records, and the offsets
/// they had stay unused; what stands behind it stays.
///
/// The bytes go to the `cut` folder.
struct Repair {
    private let recovery: Recovery
    private var cuts: [JournalCut] = []
    /// The state at the start of the segment after the one in hand, when its file is whole.
    private var successor: JournalState?
    private var layer: any FileLayer { recovery.layer }
    private var folder: JournalFolder { recovery.folder }

    init(_ recovery: Recovery) { self.recovery = recovery }

    mutating func run() throws(LogError) -> [JournalCut] {
        let listing = try folder.list(layer)
        guard let first = listing.segments.first ?? listing.starts.first else {
            throw LogError(.repair, .unavailable("there is no journal at \(folder.path)"))
        }
        let log = try repairIdentity(listing)
        let mark = try attempt(folder.durable) { [recovery] () throws(LogError) in try recovery.publishedMark() }
        let segments = Set(listing.segments).union(listing.starts.filter { $0 >= first }).sorted()
        var state: JournalState?
        var end = DurableMark.Place.start
        for (index, segment) in segments.enumerated() {
            let start = try repairStart(segment, state, log)
            let next = index + 1 < segments.count ? segments[index + 1] : nil
            successor = next.flatMap { try? recovery.start($0, of: log) }
            (state, end) = try repairSegment(segment, start, next, mark)
        }
        if mark.map({ $0 != end }) ?? true {
            try write { () throws(FileError) in
                try layer.replace(folder.durable, with: DurableMark.encode(end), in: folder.path)
            }
        }
        return cuts
    }

    /// The value, or `nil` after the file was kept aside because it is damaged.
    private mutating func attempt<Value>(
        _ path: String, _ read: () throws(LogError) -> Value
    ) throws(LogError) -> Value? {
        do { return try read() } catch {
            guard case .damaged(_, let byte, let what) = error.reason else { throw error }
            try cutWhole(path, Int(byte), what)
            return nil
        }
    }

    private func write(_ body: () throws(FileError) -> Void) throws(LogError) {
        do { try body() } catch { throw error.during(.repair) }
    }

    private mutating func cutWhole(_ path: String, _ byte: Int, _ what: String) throws(LogError) {
        guard try layer.contents(of: path, limit: 0) != nil else {
            cuts.append(JournalCut(file: path, byte: 0, bytes: 0, what: what, keptIn: nil))
            return
        }
        let window = try BatchWindow(layer, path: path)
        let name = path.split(separator: "/").last.map(String.init) ?? "file"
        let kept = try recovery.keepAside(window, 0..<window.limit, "\(name).damaged")
        cuts.append(JournalCut(file: path, byte: Int64(byte), bytes: Int64(window.limit), what: what, keptIn: kept))
    }

    private mutating func repairIdentity(_ listing: JournalFolder.Listing) throws(LogError) -> String {
        if let identity = try attempt(folder.identity, { [recovery] () throws(LogError) in try recovery.identity() }) {
            return identity.id
        }
        for start in listing.starts.reversed() {
            let path = folder.start(start)
            guard let bytes = try layer.contents(of: path, limit: JournalState.maximumStartBytes),
                let (_, log) = try? JournalState.decodeStart(bytes, file: path)
            else { continue }
            try write { () throws(FileError) in
                try layer.replace(folder.identity, with: JournalIdentity(id: log).encode(), in: folder.path)
            }
            return log
        }
        throw LogError(.repair, .failed("\(folder.path): no file says which log this is; restore `identity`"))
    }

    private mutating func repairStart(
        _ segment: UInt64, _ before: JournalState?, _ log: String
    ) throws(LogError) -> JournalState {
        let start = try attempt(folder.start(segment)) { [recovery] () throws(LogError) in
            try recovery.start(segment, of: log)
        }
        if let start { return start }
        guard var state = before ?? (segment == 1 ? JournalState() : nil) else {
            let path = folder.start(segment)
            throw LogError(.repair, .failed("\(path) cannot be made again: nothing before it is left; restore it"))
        }
        state.sequence = segment
        let made = state
        try write { () throws(FileError) in
            try layer.replace(folder.start(segment), with: made.encodeStart(log: log), in: folder.path)
        }
        return made
    }

    private mutating func repairSegment(
        _ segment: UInt64, _ start: JournalState, _ next: UInt64?, _ mark: DurableMark.Place?
    ) throws(LogError) -> (JournalState, DurableMark.Place) {
        let path = folder.segment(segment)
        if try layer.contents(of: path, limit: 0) == nil {
            if next != nil || mark.map({ $0.segment == segment && $0.byte > 0 }) ?? false {
                cuts.append(JournalCut(file: path, byte: 0, bytes: 0, what: "the file is missing", keptIn: nil))
            }
            try write { () throws(FileError) in layer.close(try layer.open(path, .write)) }
        }
        let window = try BatchWindow(layer, path: path)
        if let mark, mark.segment == segment, Int(clamping: mark.byte) > window.limit {
            let what = "the file ends here, and records up to byte \(mark.byte) were durable"
            cuts.append(JournalCut(file: path, byte: Int64(window.limit), bytes: 0, what: what, keptIn: nil))
        }
        let before = cuts.count
        var state = start
        do throws(FileError) {
            var rewriter = try SegmentRewriter(layer, folder, segment)
            do {
                try copy(window, &rewriter, &state)
                if let next { try fill(&rewriter, next) }
            } catch {
                rewriter.abandon()
                throw FileError("repair", "\(error)", 5)
            }
            // What is whole stays the file it is, unless nothing is known of how far it had been synced.
            let intact = cuts.count == before && rewriter.sequence == (next ?? rewriter.sequence) && !rewriter.thinned
            if intact && (mark != nil || next != nil) && rewriter.byte == window.limit {
                rewriter.abandon()
                let place =
                    mark.map { $0.segment == segment && Int(clamping: $0.byte) <= rewriter.byte ? $0 : nil } ?? nil
                let end = DurableMark.Place(segment: segment, byte: UInt64(rewriter.byte), sequence: state.sequence)
                return (state, next == nil ? place ?? end : end)
            }
            try rewriter.finish()
            state.sequence = max(state.sequence, rewriter.sequence)
            return (state, DurableMark.Place(segment: segment, byte: UInt64(rewriter.byte), sequence: state.sequence))
        } catch { throw error.during(.repair) }
    }

    private func fill(_ rewriter: inout SegmentRewriter, _ next: UInt64) throws(LogError) {
        do { try rewriter.fill(upTo: next, now: JournalSettings.wallClock()) } catch { throw error.during(.repair) }
    }

    /// Copies the batches that are whole and fit what came before them.
    private mutating func copy(
        _ window: BatchWindow, _ rewriter: inout SegmentRewriter, _ state: inout JournalState
    ) throws(LogError) {
        var byte = 0
        while let found = try window.batch(at: byte, .payload) {
            let from = byte
            switch found {
            case .success(let batch):
                byte = batch.end
                let flaw = Verification.flaw(of: batch, in: window) ?? contradiction(batch, &state, rewriter.thinned)
                if let flaw {
                    rewriter.thinned = true
                    try cut(window, from..<byte, flaw)
                } else {
                    do { try rewriter.keep(batch, in: window) } catch { throw error.during(.repair) }
                }
            case .failure(let flaw):
                byte = try Verification.nextBatch(after: flaw, in: window) ?? window.limit
                try replace(flaw, window, &rewriter, &state)
                rewriter.thinned = true
                try cut(window, from..<byte, flaw.what)
            }
        }
    }

    private func contradiction(_ batch: BatchWindow.Batch, _ state: inout JournalState, _ thinned: Bool) -> String? {
        var folded = state
        do throws(JournalState.Contradiction) {
            let lenient = thinned || batch.header.flags.contains(.thinned)
            try folded.fold(sequence: batch.header.sequence, thinned: lenient, batch.slices, batch.changes)
            state = folded
            return nil
        } catch { return error.what }
    }

    /// When only the payload is spoiled, the directory still says which offsets it had: they are never given to
    /// other records, and its changes are kept.
    private func replace(
        _ flaw: BatchWindow.Flaw, _ window: BatchWindow, _ rewriter: inout SegmentRewriter, _ state: inout JournalState
    ) throws(LogError) {
        guard let header = flaw.header, try window.fetch(flaw.byte, header.payloadStart),
            let (slices, changes) = window.directory(of: header, at: window.place(of: flaw.byte))
        else { return try restoreTopics(&rewriter, &state) }
        var folded = state
        do throws(JournalState.Contradiction) {
            try folded.fold(sequence: header.sequence, thinned: true, slices, changes)
        } catch { return }
        var moves = changes
        for key in Set(slices.map(\.lane)).sorted() {
            guard var lane = folded.lane(key) else { continue }
            let lost = slices.filter { $0.lane == key }
            lane.records -= Int64(lost.reduce(0) { $0 + $1.count })
            lane.bytes -= Int64(lost.reduce(0) { $0 + $1.length })
            moves.append(.laneMoved(key, lane))
            folded.mutate(key) { $0 = lane }
        }
        var empty = BatchHeader(sequence: header.sequence, writtenAt: header.writtenAt, mark: header.mark)
        empty.flags = [.thinned]
        do { try rewriter.put(empty, [], moves, Block(capacity: 16), 0) } catch { throw error.during(.repair) }
        state = folded
    }

    /// A directory that cannot be read may have made topics; the next segment's start still knows them.
    private func restoreTopics(_ rewriter: inout SegmentRewriter, _ state: inout JournalState) throws(LogError) {
        guard let known = successor else { return }
        let lost = known.topics.values.map(\.definition).filter { state.topics[$0.id] == nil }.sorted { $0.id < $1.id }
        var folded = state
        do throws(JournalState.Contradiction) {
            try folded.fold(sequence: state.sequence, thinned: true, [], lost.map { .topicDefined($0) })
        } catch { return }
        guard !lost.isEmpty else { return }
        let empty = BatchHeader(sequence: state.sequence, writtenAt: JournalSettings.wallClock(), mark: .start)
        do {
            try rewriter.put(empty, [], lost.map { .topicDefined($0) }, Block(capacity: 16), 0)
        } catch { throw error.during(.repair) }
        state = folded
    }

    private mutating func cut(_ window: BatchWindow, _ range: Range<Int>, _ what: String) throws(LogError) {
        let name = window.path.split(separator: "/").last.map(String.init) ?? "segment"
        let kept = try recovery.keepAside(window, range, "\(name)-\(range.lowerBound).cut")
        let bytes = Int64(range.count)
        cuts.append(
            JournalCut(file: window.path, byte: Int64(range.lowerBound), bytes: bytes, what: what, keptIn: kept))
    }
}
