internal import Core

/// Opening for writing: makes a new journal, or finds the end of an old one and makes it whole.
extension Recovery {
    struct Opened {
        var picture: JournalPicture
        var report = JournalRecovery()
    }

    /// To be called with the lock in hand.
    func open(now: Int64) throws(LogError) -> Opened {
        var listing = try folder.list(layer)
        if try layer.contents(of: folder.identity, limit: 4096) == nil {
            guard try isEmpty(listing) else {
                throw LogError(.open, .damaged(file: folder.identity, byte: 0, what: "the file is missing"))
            }
            try create()
            listing = try folder.list(layer)
        }
        let identity = try identity()
        let mark = try publishedMark()
        let last = try lastSegment(of: listing, mark)
        var state = try start(last, of: identity.id)
        let window = try BatchWindow(layer, path: folder.segment(last))
        var opened = Opened(picture: JournalPicture(identity: identity, state: state, mark: mark))
        let tail = try scan(last, mark, window, &state, &opened.report)
        try keepPrefixHonest(listing, state, identity.id)
        try settle(last, tail, window, &opened.report)
        opened.picture.state = state
        opened.picture.mark = DurableMark.Place(segment: last, byte: UInt64(tail.end), sequence: state.sequence)
        try sweep(listing)
        return opened
    }

    struct Tail {
        /// Up to here it was durable before.
        var durable: Int
        /// Up to here the batches are whole.
        var end: Int
        var fileEnd: Int
    }

    private func scan(
        _ last: UInt64, _ published: DurableMark.Place, _ window: BatchWindow, _ state: inout JournalState,
        _ report: inout JournalRecovery
    ) throws(LogError) -> Tail {
        var durable = published.segment == last ? Int(clamping: published.byte) : 0
        guard durable <= window.limit else {
            let what = "the file ends here, and records up to byte \(durable) were durable"
            throw LogError(.open, .damaged(file: window.path, byte: Int64(window.limit), what: what))
        }
        var byte = 0
        var beginnings: [Int] = []
        while let found = try window.batch(at: byte, .payload) {
            if case .failure(let flaw) = found, flaw.torn, byte >= durable, try !isBelowLaterMark(flaw, last, window) {
                break
            }
            let batch = try Self.whole(found, in: window)
            try Self.fold(batch, into: &state, in: window)
            if batch.header.mark.segment == last { durable = max(durable, Int(clamping: batch.header.mark.byte)) }
            beginnings.append(byte)
            byte = batch.end
        }
        guard durable <= byte else {
            throw LogError(.open, .damaged(file: window.path, byte: Int64(byte), what: "durable records are missing"))
        }
        report.rescuedBatches = beginnings.count { $0 >= durable }
        return Tail(durable: durable, end: byte, fileEnd: window.limit)
    }

    /// Whether a later batch says that this byte was durable: then it is no unfinished write.
    private func isBelowLaterMark(
        _ flaw: BatchWindow.Flaw, _ last: UInt64, _ window: BatchWindow
    ) throws(LogError) -> Bool {
        var at = flaw.byte + 16
        while try window.fetch(at, BatchHeader.bytes) {
            let header = BatchHeader.read(from: window.block, at: window.place(of: at))
            if let header, header.mark.segment > last || (header.mark.segment == last && header.mark.byte > flaw.byte) {
                return true
            }
            at += 16
        }
        return false
    }

    /// Cuts the unfinished write and makes the rest durable.
    ///
    /// Whole batches beyond the mark are written once more before they are synced: after a failed sync the page
    /// cache holds them as clean though the disk never got them, and another sync alone would do nothing.
    private func settle(
        _ last: UInt64, _ tail: Tail, _ window: BatchWindow, _ report: inout JournalRecovery
    ) throws(LogError) {
        guard tail.durable < tail.fileEnd else { return }
        let path = folder.segment(last)
        if tail.end < tail.fileEnd {
            report.tornBytes = tail.fileEnd - tail.end
            report.cutFile = try keepAside(window, tail.end..<tail.fileEnd, "\(JournalFolder.name(last))-\(tail.end).torn")
        }
        do throws(FileError) {
            let file = try layer.open(path, .write)
            defer { layer.close(file) }
            if tail.end < tail.fileEnd { try layer.truncate(file, to: tail.end) }
            let block = Block(capacity: 1 << 20)
            var byte = tail.durable
            while byte < tail.end {
                let count = try layer.read(file, at: byte, into: block, 0, count: min(1 << 20, tail.end - byte))
                try layer.write(file, at: byte, block, 0..<count)
                byte += count
            }
            try layer.sync(file)
        } catch { throw error.during(.open) }
    }

    /// Copies bytes into a new file of the `cut` folder and returns its path.
    func keepAside(_ window: BatchWindow, _ range: Range<Int>, _ name: String) throws(LogError) -> String {
        do throws(FileError) {
            try layer.makeFolder(folder.cut)
            let taken = Set(try layer.list(folder.cut))
            var unique = name
            var number = 1
            while taken.contains(unique) {
                unique = "\(name).\(number)"
                number += 1
            }
            let path = "\(folder.cut)/\(unique)"
            let source = try layer.open(window.path, .read)
            defer { layer.close(source) }
            let file = try layer.open(path, .write)
            defer { layer.close(file) }
            let block = Block(capacity: 1 << 20)
            var byte = range.lowerBound
            while byte < range.upperBound {
                let count = try layer.read(source, at: byte, into: block, 0, count: min(1 << 20, range.upperBound - byte))
                if count == 0 { break }
                try layer.write(file, at: byte - range.lowerBound, block, 0..<count)
                byte += count
            }
            try layer.sync(file)
            try layer.syncFolder(folder.cut)
            try layer.syncFolder(folder.path)
            return path
        } catch { throw error.during(.open) }
    }

    private func lastSegment(
        of listing: JournalFolder.Listing, _ mark: DurableMark.Place
    ) throws(LogError) -> UInt64 {
        var last = listing.segments.last ?? 0
        let newest = listing.starts.last ?? 0
        if newest > last, mark.segment < newest || mark.byte == 0 {
            // The roll to this segment was cut short after its `.start` was written.
            do throws(FileError) {
                let file = try layer.open(folder.segment(newest), .write)
                layer.close(file)
                try layer.syncFolder(folder.path)
            } catch { throw error.during(.open) }
            last = newest
        }
        guard mark.segment <= last else {
            let file = folder.segment(mark.segment)
            throw LogError(.open, .damaged(file: file, byte: 0, what: "the file is missing"))
        }
        return last
    }

    private func isEmpty(_ listing: JournalFolder.Listing) throws(LogError) -> Bool {
        guard listing.segments.allSatisfy({ $0 == 1 }) else { return false }
        guard listing.segments.first == 1 else { return true }
        return try BatchWindow(layer, path: folder.segment(1)).limit == 0
    }

    /// The identity comes last: a journal without one never held anything.
    private func create() throws(LogError) {
        let identity = JournalIdentity.fresh()
        do throws(FileError) {
            try layer.replace(folder.start(1), with: JournalState().encodeStart(log: identity.id), in: folder.path)
            let file = try layer.open(folder.segment(1), .write)
            layer.close(file)
            try layer.replace(folder.durable, with: DurableMark.encode(.start), in: folder.path)
            try layer.replace(folder.identity, with: identity.encode(), in: folder.path)
        } catch { throw error.during(.open) }
    }

    /// Segments may be missing only at the front, and only when everything in them was let go.
    func keepPrefixHonest(
        _ listing: JournalFolder.Listing, _ state: JournalState, _ log: String
    ) throws(LogError) {
        guard let first = listing.segments.first, first > 1 else { return }
        let old = try start(first, of: log)
        for (id, topic) in state.topics {
            for (partition, lane) in topic.lanes.enumerated() {
                let key = LaneKey(topic: id, partition: Int32(partition))
                guard let before = old.lane(key), lane.begin < before.next else { continue }
                let what = "segments before this one are missing, with records of \(topic.definition.name)/\(partition)"
                throw LogError(.open, .damaged(file: folder.segment(first), byte: 0, what: what))
            }
        }
    }

    /// Removes what an interrupted roll, rewrite or deletion left behind.
    private func sweep(_ listing: JournalFolder.Listing) throws(LogError) {
        let first = listing.segments.first ?? 0
        do throws(FileError) {
            for name in try layer.list(folder.path) where name.hasSuffix(".tmp") {
                try layer.remove("\(folder.path)/\(name)")
            }
            for start in listing.starts where start < first { try layer.remove(folder.start(start)) }
        } catch { throw error.during(.open) }
    }
}
