internal import Core

/// A segment's `.start` file: the whole state before its first batch, behind a checksum.
///
/// Everything is in one order, so equal states are equal bytes.
extension JournalState {
    static let startMagic: UInt64 = 0x3154_5241_5453_4754  // "TGSTART1"
    static let maximumStartBytes = 256 << 20

    func encodeStart(log: String) -> [UInt8] {
        var body = ByteWriter()
        body.put(RandomName.bytes(of: log))
        body.put(sequence)
        body.put(nextTopic)
        body.put(UInt32(topics.count))
        for id in topics.keys.sorted() {
            guard let topic = topics[id] else { continue }
            topic.definition.encode(into: &body)
            for lane in topic.lanes { lane.encode(into: &body) }
        }
        body.put(UInt32(positions.count))
        let ordered = positions.values.sorted { ($0.consumer, $0.lane) < ($1.consumer, $1.lane) }
        for position in ordered { position.encode(into: &body) }
        var whole = ByteWriter()
        whole.put(Self.startMagic)
        whole.put(UInt64(body.bytes.count))
        whole.put(Block(body.bytes).hash(0..<body.bytes.count))
        whole.put(body.bytes)
        return whole.bytes
    }

    /// The state, and the id of the log it belongs to.
    static func decodeStart(_ bytes: [UInt8], file: String) throws(LogError) -> (state: JournalState, log: String) {
        func damaged(_ byte: Int, _ what: String) -> LogError {
            LogError(.open, .damaged(file: file, byte: Int64(byte), what: what))
        }
        let block = Block(bytes)
        guard bytes.count >= 24, block.load(UInt64.self, at: 0) == startMagic else {
            throw damaged(0, "not the start of a segment")
        }
        guard block.load(UInt64.self, at: 8) == UInt64(bytes.count - 24) else { throw damaged(8, "wrong length") }
        guard block.load(UInt64.self, at: 16) == block.hash(24..<bytes.count) else {
            throw damaged(24, "wrong checksum")
        }
        var reader = ByteReader(bytes, from: 24)
        do {
            let log = RandomName.text(try reader.bytes(16))
            return (try JournalState(from: &reader), log)
        } catch {
            throw damaged(reader.place, "impossible contents")
        }
    }

    private init(from reader: inout ByteReader) throws(ByteReader.CutShort) {
        sequence = try reader.take(UInt64.self)
        let nextTopic = try reader.take(UInt32.self)
        guard nextTopic <= UInt32.max / 2 else { throw ByteReader.CutShort() }
        for _ in 0..<(try reader.count(ofAtLeast: 30)) {
            let definition = try TopicDefinition(from: &reader)
            guard reader.remaining >= Int(definition.partitions) * 32 else { throw ByteReader.CutShort() }
            do { try restore(definition) } catch { throw ByteReader.CutShort() }
            for partition in 0..<definition.partitions {
                let lane = try Lane(from: &reader)
                mutate(LaneKey(topic: definition.id, partition: partition)) { $0 = lane }
            }
        }
        for _ in 0..<(try reader.count(ofAtLeast: 19)) { restore(try StoredPosition(from: &reader)) }
        self.nextTopic = max(nextTopic, self.nextTopic)
        guard reader.remaining == 0 else { throw ByteReader.CutShort() }
    }
}
