internal import Core

/// A moving window over one segment file, through which batches are found and checked.
///
/// What it answers lies in its block and is good until the window moves. Nothing read from the file is believed
/// before it was checked: not a length, not a count.
final class BatchWindow {
    struct Batch {
        let header: BatchHeader
        /// Where it begins in the file, and in the window's block.
        let byte: Int
        let place: Int
        let slices: [Slice]
        let changes: [Change]

        var end: Int { byte + header.batchBytes }
        var payload: Range<Int> {
            place + header.payloadStart..<place + header.payloadStart + header.storedBytes
        }
    }

    /// Why there is no whole batch at a byte.
    ///
    /// `torn` says that an unfinished write can look like this: the file ends too early, or a whole sector was never
    /// written.
    struct Flaw: Error {
        let byte: Int
        let what: String
        let torn: Bool
        /// The header, when it is whole: then the length of the batch is known.
        var header: BatchHeader?
    }

    /// What a check covers: directories are enough to fold the state, payloads are needed to deliver or to verify.
    enum Depth {
        case directory
        case payload
    }

    let block: Block
    let path: String
    private let layer: any FileLayer
    private let file: Int32
    private let chunk: Int
    private var start = 0
    private var filled = 0
    /// Whether the disk may be waited for.
    var mayBlock = true
    /// The last fetch failed for no other reason than that.
    private(set) var isBlocked = false
    /// The window never looks at or past this byte.
    var limit: Int

    init(_ layer: any FileLayer, path: String, limit: Int? = nil, chunk: Int = 1 << 20) throws(LogError) {
        self.layer = layer
        self.path = path
        self.chunk = chunk
        block = Block(capacity: chunk)
        do {
            file = try layer.open(path, .read)
        } catch {
            if error.code == 2 { throw LogError(.open, .damaged(file: path, byte: 0, what: "the file is missing")) }
            throw error.during(.open)
        }
        do {
            let size = try layer.size(of: file)
            self.limit = limit ?? size
        } catch {
            layer.close(file)
            throw error.during(.open)
        }
    }

    /// Looks at all of the file from now on: it was closed and grows no more.
    func widenToEnd() throws(LogError) {
        do { limit = try layer.size(of: file) } catch { throw error.during(.read) }
    }

    deinit { layer.close(file) }

    /// Seen by nobody but those who read without waiting.
    static let waits = LogError(.read, .unavailable("the disk would have to be waited for"))

    func holds(_ byte: Int, _ count: Int) -> Bool { byte >= start && byte + count <= start + filled }

    /// Where a byte of the file lies in the block, after `holds` or `fetch` said that it does.
    func place(of byte: Int) -> Int { byte - start }

    /// Moves the window so that it begins at `byte`, and has `count` bytes when the file has them.
    func fetch(_ byte: Int, _ count: Int) throws(LogError) -> Bool {
        if holds(byte, count) { return true }
        guard count <= limit - byte else { return false }
        let kept = byte >= start && byte < start + filled ? start + filled - byte : 0
        if kept > 0 { block.copy(from: block, byte - start..<filled, to: 0) }
        start = byte
        filled = kept
        let wanted = min(max(chunk, count), limit - byte)
        block.reserve(wanted, keeping: kept)
        do {
            if mayBlock {
                filled += try layer.read(file, at: byte + kept, into: block, kept, count: wanted - kept)
            } else {
                filled += try layer.readCached(file, at: byte + kept, into: block, kept, count: wanted - kept) ?? 0
            }
        } catch { throw error.during(.read) }
        isBlocked = !mayBlock && !holds(byte, count)
        if isBlocked { throw Self.waits }
        return holds(byte, count)
    }

    /// The whole batch at a byte, or `nil` at the end of the file.
    func batch(at byte: Int, _ depth: Depth) throws(LogError) -> Result<Batch, Flaw>? {
        guard byte < limit else { return nil }
        guard try fetch(byte, BatchHeader.bytes) else {
            return .failure(Flaw(byte: byte, what: "the file ends inside a header", torn: true))
        }
        var place = place(of: byte)
        guard let header = BatchHeader.read(from: block, at: place) else {
            let torn = hasUnwrittenSector(byte, BatchHeader.bytes)
            return .failure(Flaw(byte: byte, what: "not a batch header, or its checksum is wrong", torn: torn))
        }
        // With a shallow check the payload need not even be read.
        let needed = depth == .payload ? header.batchBytes : header.payloadStart
        guard byte + header.batchBytes <= limit, try fetch(byte, needed) else {
            return .failure(Flaw(byte: byte, what: "the file ends inside a batch", torn: true, header: header))
        }
        place = self.place(of: byte)
        if let what = flaw(of: header, at: place, depth) {
            let torn = hasUnwrittenSector(byte, needed)
            return .failure(Flaw(byte: byte, what: what, torn: torn, header: header))
        }
        guard let (slices, changes) = directory(of: header, at: place) else {
            let what = "the directory makes no sense"
            return .failure(Flaw(byte: byte, what: what, torn: false, header: header))
        }
        return .success(Batch(header: header, byte: byte, place: place, slices: slices, changes: changes))
    }

    /// The same batch with its payload, which is read and checked now; the window may move for it.
    func withPayload(_ batch: Batch) throws(LogError) -> Result<Batch, Flaw> {
        let (byte, header) = (batch.byte, batch.header)
        guard try fetch(byte, header.batchBytes) else {
            return .failure(Flaw(byte: byte, what: "the file ends inside a batch", torn: true, header: header))
        }
        let place = place(of: byte)
        if let what = flawOfPayload(of: header, at: place) {
            let torn = hasUnwrittenSector(byte, header.batchBytes)
            return .failure(Flaw(byte: byte, what: what, torn: torn, header: header))
        }
        return .success(
            Batch(header: header, byte: byte, place: place, slices: batch.slices, changes: batch.changes))
    }

    /// Slices and changes, when every one of them lies where it can.
    func directory(of header: BatchHeader, at place: Int) -> (slices: [Slice], changes: [Change])? {
        let start = place + BatchHeader.bytes
        guard block.hash(start..<start + header.directoryBytes) == header.directoryHash else { return nil }
        var slices: [Slice] = []
        slices.reserveCapacity(header.slices)
        var records = 0
        for index in 0..<header.slices {
            let slice = Slice.read(from: block, at: start + index * Slice.bytes)
            guard slice.fits(header.payloadBytes) else { return nil }
            records += slice.count
            slices.append(slice)
        }
        guard records == header.records else { return nil }
        guard header.changes > 0 else { return (slices, []) }
        let used = header.slices * Slice.bytes
        var reader = ByteReader(block.bytes(start + used..<start + header.directoryBytes))
        var changes: [Change] = []
        do {
            for _ in 0..<header.changes { changes.append(try Change.decode(from: &reader)) }
        } catch { return nil }
        return (slices, changes)
    }

    private func flaw(of header: BatchHeader, at place: Int, _ depth: Depth) -> String? {
        let directory = place + BatchHeader.bytes
        guard block.hash(directory..<directory + header.directoryBytes) == header.directoryHash else {
            return "the checksum of the directory is wrong"
        }
        return depth == .payload ? flawOfPayload(of: header, at: place) : nil
    }

    private func flawOfPayload(of header: BatchHeader, at place: Int) -> String? {
        let payload = place + header.payloadStart
        guard block.hash(payload..<payload + header.storedBytes.aligned) == header.payloadHash else {
            return "the checksum of the payload is wrong"
        }
        let trailer = place + header.batchBytes - BatchHeader.trailerBytes
        guard block.load(UInt32.self, at: trailer) == BatchHeader.trailerMagic,
            block.load(UInt32.self, at: trailer + 4) == UInt32(header.batchBytes),
            block.load(UInt64.self, at: trailer + 8) == header.sequence
        else { return "the trailer is wrong" }
        return nil
    }

    /// Whether a disk sector inside these bytes is all zeros.
    ///
    /// A write that was not finished leaves such sectors; a flipped bit does not, and neither does LZ4.
    private func hasUnwrittenSector(_ byte: Int, _ count: Int) -> Bool {
        var at = byte
        while at < byte + count {
            let next = min((at / 512 + 1) * 512, byte + count)
            if block.isZero(place(of: at)..<place(of: next)) { return true }
            at = next
        }
        return false
    }
}
