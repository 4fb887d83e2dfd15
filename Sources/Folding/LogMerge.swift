internal import Core

/// Brings the records of many partitions into one order: that of the moments at which they were taken in.
///
/// A partition keeps its own order, whatever moments its records name: each counts as late as the latest before it.
/// Of equal moments the partition that stands first in the list of sources goes first. So the order depends on the
/// records alone, not on how they were read. A record is let go when no partition can have an earlier one any more.
struct LogMerge<Fact: Sendable> {
    private struct Key: Comparable {
        let moment: Int64
        let source: Int32
        let chunk: Int32
        let index: Int32

        static func < (left: Self, right: Self) -> Bool {
            if left.moment != right.moment { return left.moment < right.moment }
            if left.source != right.source { return left.source < right.source }
            return left.chunk == right.chunk ? left.index < right.index : left.chunk < right.chunk
        }
    }

    private var sources: [TopicPartition]
    private(set) var lanes: [Lane]
    /// Chunks that still hold records, and how many of each.
    private var chunks: [Int32: (records: [FollowedRecord<Fact>], held: Int)] = [:]
    private var serial: Int32 = 0
    private var keys: [Key] = []
    /// What was let go up to here.
    private var released = (moment: Int64.min, source: -1)

    init(_ sources: [TopicPartition], _ lanes: [Lane]) {
        self.sources = sources
        self.lanes = lanes
    }

    var heldCount: Int { keys.count }
    var isAtEnd: Bool { lanes.allSatisfy(\.isAtEnd) }

    /// Partitions that others wait for: what they hold next may be earlier than all that is held.
    var lagging: [Int] {
        let bound = bound
        return lanes.indices.filter { !lanes[$0].isAtEnd && (lanes[$0].held == 0 || $0 == bound?.source) }
    }

    mutating func add(_ batch: consuming DecodedBatch<Fact>) {
        let records = batch.records
        let parts = batch.parts
        if !records.isEmpty {
            keys.reserveCapacity(keys.count + records.count)
            for index in records.indices {
                let source = records[index].source
                lanes[source].latest = max(lanes[source].latest, records[index].reach)
                lanes[source].held += 1
                keys.append(
                    Key(moment: lanes[source].latest, source: Int32(source), chunk: serial, index: Int32(index)))
            }
            chunks[serial] = (records, records.count)
            serial &+= 1
        }
        for part in parts { lanes[part.source].advance(part.next, part.anchor, latest: part.latest) }
    }

    /// Passes on what needs no order any more.
    mutating func pass(_ batch: DecodedBatch<Fact>) {
        for part in batch.parts { lanes[part.source].advance(part.next, part.anchor, latest: part.latest) }
    }

    /// Another partition, which nobody waits for.
    mutating func join(_ source: TopicPartition, _ place: FoldVector.Place) {
        sources.append(source)
        lanes.append(Lane(place, end: place.next))
    }

    /// The earliest place at which a record may still come: `nil` when everything was read.
    private var bound: (moment: Int64, source: Int)? {
        var least: (moment: Int64, source: Int)?
        for (source, lane) in lanes.enumerated() where !lane.isAtEnd {
            if let least, least.moment <= lane.latest { continue }
            least = (lane.latest, source)
        }
        return least
    }

    /// What may be folded now, in order; `nil` when there is nothing.
    mutating func release() -> FollowedBatch<Fact>? {
        guard let bound else { return take(keys.count) }
        guard bound != released else { return nil }
        released = bound
        keys.sort()
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            let key = keys[middle]
            let isBefore = (key.moment, Int(key.source)) <= (bound.moment, bound.source)
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : take(low)
    }

    private mutating func take(_ count: Int) -> FollowedBatch<Fact>? {
        guard count > 0 else { return nil }
        if count == keys.count { keys.sort() }
        var places: [Int32: Int32] = [:]
        var taken: [[FollowedRecord<Fact>]] = []
        for (serial, chunk) in chunks.sorted(by: { $0.key < $1.key }) {
            places[serial] = Int32(taken.count)
            taken.append(chunk.records)
        }
        var order: [FollowedBatch<Fact>.Place] = []
        order.reserveCapacity(count)
        var last = (serial: Int32(-1), place: Int32(0))
        for key in keys[..<count] {
            if key.chunk != last.serial { last = (key.chunk, places[key.chunk] ?? 0) }
            order.append(FollowedBatch<Fact>.Place(chunk: last.place, index: key.index))
            lanes[Int(key.source)].release(taken[Int(last.place)][Int(key.index)].offset)
            chunks[key.chunk]?.held -= 1
        }
        keys.removeFirst(count)
        chunks = chunks.filter { $0.value.held > 0 }
        return FollowedBatch(chunks: taken, order: order, sources: sources)
    }

    /// How far the records that were let go reach, in each partition.
    var vector: FoldVector {
        var first: [Int: (offset: Int64, moment: Int64)] = [:]
        for key in keys {
            guard let offset = chunks[key.chunk]?.records[Int(key.index)].offset else { continue }
            if let known = first[Int(key.source)], known.offset < offset { continue }
            first[Int(key.source)] = (offset, key.moment)
        }
        var vector = FoldVector()
        for (number, lane) in lanes.enumerated() { vector.places[sources[number]] = lane.place(before: first[number]) }
        return vector
    }
}

extension LogMerge {
    /// One partition that is followed.
    struct Lane {
        /// Where the reader stands.
        private(set) var next: Int64
        /// Behind the last record that was there at the start.
        let end: Int64
        var held = 0
        /// The latest moment of its records so far.
        fileprivate(set) var latest = Int64.min
        /// Last records of reads, oldest first: one of them lies before whatever is held.
        private var anchors: [Anchor]

        init(_ place: FoldVector.Place, end: Int64) {
            next = place.next
            self.end = end
            latest = place.latest.nanoseconds
            anchors = place.anchor.map { [$0] } ?? []
        }

        var isAtEnd: Bool { next >= end }

        fileprivate mutating func advance(_ next: Int64, _ anchor: Anchor?, latest: Int64) {
            self.next = max(self.next, next)
            self.latest = max(self.latest, latest)
            guard let anchor else { return }
            if held == 0 { anchors = [] }
            anchors.append(anchor)
        }

        fileprivate mutating func release(_ offset: Int64) {
            held -= 1
            while anchors.count > 1, anchors[1].offset <= offset { anchors.removeFirst() }
        }

        /// Where a fold goes on that has everything before this record, or everything.
        func place(before first: (offset: Int64, moment: Int64)?) -> FoldVector.Place {
            guard let first else {
                return FoldVector.Place(next: next, anchor: anchors.last, latest: Timestamp(nanoseconds: latest))
            }
            return FoldVector.Place(
                next: first.offset, anchor: anchors.last { $0.offset < first.offset },
                latest: Timestamp(nanoseconds: first.moment))
        }
    }
}
