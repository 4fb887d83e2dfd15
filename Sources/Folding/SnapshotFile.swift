internal import CLZ4
internal import Core
internal import Digest
public import Domain

/// The state of a fold in a file of its own: what it is the state of, how far the fold had come, and the bytes.
///
/// Everything is below one checksum. A file that says anything unexpected is none.
public struct SnapshotFile: Sendable, Equatable {
    /// What makes two states the same fold of the same log.
    public struct Identity: FieldRecord {
        public private(set) var fold: Prose
        public private(set) var log: Prose
        /// What else must be the same: settings that shape the state.
        public private(set) var condition: Prose

        public init(fold: String, log: String, condition: String = "") throws(SnapshotRefusal) {
            self.fold = try Self.text(fold)
            self.log = try Self.text(log)
            // A text is never empty, and a condition may be.
            self.condition = try Self.text("under \(condition)")
        }

        private static func text(_ text: String) throws(SnapshotRefusal) -> Prose {
            do { return try Prose(text) } catch { throw SnapshotRefusal("'\(text.prefix(64))…' cannot be kept") }
        }

        public init(unread: Unread) {
            fold = unread()
            log = unread()
            condition = unread()
        }

        public mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
            _ fields: inout Walker
        ) throws(Walker.Failure) {
            try fields.field("fold", &fold, "Which fold.")
            try fields.field("log", &log, "Of which log.")
            try fields.field("condition", &condition, "Under which settings.")
        }
    }

    /// Larger states are not kept: reading them would take as long as folding.
    public static let maximumStateBytes = 1 << 30
    static let magic = Array("torghut.snapshot.1\n".utf8)

    public let identity: Identity
    public let vector: FoldVector
    public let state: [UInt8]

    public init(_ identity: Identity, at vector: FoldVector, state: [UInt8]) {
        self.identity = identity
        self.vector = vector
        self.state = state
    }

    /// The file's bytes: magic, head, compressed state, checksum.
    public func encoded() throws(SnapshotRefusal) -> [UInt8] {
        guard state.count <= Self.maximumStateBytes else {
            throw SnapshotRefusal("the state has \(state.count) bytes (maximumStateBytes: \(Self.maximumStateBytes))")
        }
        var writer = StateWriter()
        var identity = identity
        identity.walk(&writer)
        writer.rows(vector.places.sorted { $0.key < $1.key }.map { PlaceRow($0.key, $0.value) })
        writer.number(UInt64(state.count))
        let compressed = Self.compress(state)
        var bytes = Self.magic
        bytes += Self.word(UInt64(writer.bytes.count)) + writer.bytes
        bytes += Self.word(UInt64(compressed.count))
        bytes += compressed
        bytes += Self.word(XXH3.hash(bytes))
        return bytes
    }

    public init(decoding bytes: [UInt8]) throws(SnapshotRefusal) {
        guard bytes.count >= Self.magic.count + 24, bytes.starts(with: Self.magic) else {
            throw SnapshotRefusal("it is no snapshot of this release")
        }
        let end = bytes.count - 8
        guard Self.word(bytes, at: end) == XXH3.hash(Array(bytes[..<end])) else {
            throw SnapshotRefusal("its checksum is wrong: it is damaged or cut short")
        }
        // The checksum holds, so what follows only fails when another program wrote it.
        var place = Self.magic.count
        let head = try Self.section(bytes, &place, before: end)
        let body = try Self.section(bytes, &place, before: end)
        guard place == end else { throw SnapshotRefusal("bytes lie behind the state") }
        do throws(StateFault) {
            var reader = StateReader(head)
            identity = try Identity.filled(by: &reader)
            vector = FoldVector(try PlaceRow.places(from: &reader))
            let count = try reader.number()
            guard count <= UInt64(Self.maximumStateBytes), reader.isAtEnd else { throw StateFault("a wrong length") }
            guard let state = Self.decompress(body, count: Int(count)) else { throw StateFault("no LZ4 block") }
            self.state = state
        } catch { throw SnapshotRefusal(error.description) }
    }
}

/// Why a snapshot is not used, or not made; the log is folded instead.
public struct SnapshotRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

extension SnapshotFile {
    private static func word(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func word(_ bytes: [UInt8], at place: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[place + $1]) << ($1 * 8) }
    }

    private static func section(
        _ bytes: [UInt8], _ place: inout Int, before end: Int
    ) throws(SnapshotRefusal) -> [UInt8] {
        guard place + 8 <= end else { throw SnapshotRefusal("it is cut short") }
        let count = word(bytes, at: place)
        guard count <= UInt64(end - place - 8) else { throw SnapshotRefusal("it is cut short") }
        place += 8
        defer { place += Int(count) }
        return Array(bytes[place..<place + Int(count)])
    }

    private static func compress(_ state: [UInt8]) -> [UInt8] {
        let room = Int(LZ4_compressBound(Int32(state.count)))
        return unsafe [UInt8](unsafeUninitializedCapacity: room) { target, count in
            // Safe: the room is what LZ4 asks for, and both buffers live during the call.
            count = unsafe state.withUnsafeBytes { source in
                unsafe Int(
                    LZ4_compress_default(
                        source.baseAddress, target.baseAddress, Int32(source.count), Int32(target.count)))
            }
        }
    }

    private static func decompress(_ bytes: [UInt8], count: Int) -> [UInt8]? {
        var written: Int32 = -1
        let state = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            // Safe: LZ4's checked decoder never reads past the source nor writes past the target.
            written = unsafe bytes.withUnsafeBytes { source in
                unsafe LZ4_decompress_safe(
                    source.baseAddress, target.baseAddress, Int32(source.count), Int32(target.count))
            }
            filled = Int(max(0, written))
        }
        return state.count == count ? state : nil
    }
}

/// How far a fold was in one partition, as a row.
private struct PlaceRow: FieldRecord {
    var topic: TopicName
    var partition: Int64
    var next: Int64
    var latest: Int64
    var anchorOffset: Int64?
    var anchorTimestamp: Int64?
    var anchorHash: Int64?

    init(_ source: TopicPartition, _ place: FoldVector.Place) {
        topic = TopicName(trusted: source.topic)
        partition = Int64(source.partition)
        next = place.next
        latest = place.latest.nanoseconds
        anchorOffset = place.anchor?.offset
        anchorTimestamp = place.anchor?.timestamp
        anchorHash = place.anchor.map { Int64(bitPattern: $0.hash) }
    }

    init(unread: Unread) {
        topic = unread()
        partition = unread()
        next = unread()
        latest = unread()
    }

    mutating func walk<Walker: FieldWalker & ~Copyable & ~Escapable>(
        _ fields: inout Walker
    ) throws(Walker.Failure) {
        try fields.field("topic", &topic, "Which partition.")
        try fields.field("partition", &partition, "Which partition.")
        try fields.field("next", &next, "Where the fold goes on.")
        try fields.field("latest", &latest, "The latest moment that a record before names.")
        try fields.field("anchor_offset", &anchorOffset, "The record it believed last.")
        try fields.field("anchor_timestamp", &anchorTimestamp, "When that was written.")
        try fields.field("anchor_hash", &anchorHash, "What it hashes to.")
    }

    static func places(from reader: inout StateReader) throws(StateFault) -> [TopicPartition: FoldVector.Place] {
        var places: [TopicPartition: FoldVector.Place] = [:]
        for row in try reader.rows(of: PlaceRow.self) {
            var anchor: Anchor?
            if let offset = row.anchorOffset, let timestamp = row.anchorTimestamp, let hash = row.anchorHash {
                anchor = Anchor(offset: offset, timestamp: timestamp, hash: UInt64(bitPattern: hash))
            }
            guard let partition = Int32(exactly: row.partition) else { throw StateFault("no partition") }
            places[TopicPartition(row.topic.text, partition)] = FoldVector.Place(
                next: row.next, anchor: anchor, latest: Timestamp(nanoseconds: row.latest))
        }
        return places
    }
}
