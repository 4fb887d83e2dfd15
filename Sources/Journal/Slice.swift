/// A run of records of one partition inside a batch: which offsets, and where in the uncompressed payload.
package struct Slice: Equatable, Sendable {
    static let bytes = 40

    var lane: LaneKey
    var base: Int64
    var count: Int
    var start: Int
    var length: Int
    /// The newest timestamp in it, for retention by age.
    var newest: Int64

    var end: Int64 { base + Int64(count) }

    func write(to block: Block, at place: Int) {
        block.store(lane.topic, at: place)
        block.store(lane.partition, at: place + 4)
        block.store(base, at: place + 8)
        block.store(UInt32(count), at: place + 16)
        block.store(UInt32(start), at: place + 20)
        block.store(UInt32(length), at: place + 24)
        block.store(UInt32(0), at: place + 28)
        block.store(newest, at: place + 32)
    }

    static func read(from block: Block, at place: Int) -> Slice {
        let lane = LaneKey(
            topic: block.load(UInt32.self, at: place), partition: block.load(Int32.self, at: place + 4))
        return Slice(
            lane: lane, base: block.load(Int64.self, at: place + 8),
            count: Int(block.load(UInt32.self, at: place + 16)), start: Int(block.load(UInt32.self, at: place + 20)),
            length: Int(block.load(UInt32.self, at: place + 24)), newest: block.load(Int64.self, at: place + 32))
    }

    /// Whether it lies inside its payload and inside the numbers that offsets can have.
    func fits(_ payloadBytes: Int) -> Bool {
        start + length <= payloadBytes && count * RecordLayout.fixedBytes <= length && count > 0 && base >= 0
            && base < Int64.max - Int64(UInt32.max) && lane.partition >= 0
    }
}

/// A partition as the files name it: topic ids are never used twice, so a topic that was created again is another.
package struct LaneKey: Hashable, Sendable, Comparable {
    var topic: UInt32
    var partition: Int32

    package static func < (left: Self, right: Self) -> Bool {
        left.topic == right.topic ? left.partition < right.partition : left.topic < right.topic
    }
}
