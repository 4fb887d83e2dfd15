/// A change lies in a directory as its kind (u8), the length of its body (u32), and the body.
extension Change {
    func encode(into writer: inout ByteWriter) {
        var body = ByteWriter()
        switch self {
        case .topicDefined(let topic): topic.encode(into: &body)
        case .topicDeleted(let id): body.put(id)
        case .laneMoved(let key, let lane):
            key.encode(into: &body)
            lane.encode(into: &body)
        case .positionStored(let position): position.encode(into: &body)
        case .offsetsKept(let lanes): for lane in lanes { lane.encode(into: &body) }
        }
        writer.put(kind)
        writer.put(UInt32(body.bytes.count))
        writer.put(body.bytes)
    }

    private var kind: UInt8 {
        switch self {
        case .topicDefined: 1
        case .topicDeleted: 2
        case .laneMoved: 3
        case .positionStored: 4
        case .offsetsKept: 5
        }
    }

    static func decode(from reader: inout ByteReader) throws(ByteReader.CutShort) -> Change {
        let kind = try reader.take(UInt8.self)
        let length = Int(try reader.take(UInt32.self))
        var body = ByteReader(try reader.bytes(length))
        let change: Change
        switch kind {
        case 1: change = .topicDefined(try TopicDefinition(from: &body))
        case 2: change = .topicDeleted(id: try body.take(UInt32.self))
        case 3: change = .laneMoved(try LaneKey(from: &body), try Lane(from: &body))
        case 4: change = .positionStored(try StoredPosition(from: &body))
        case 5:
            var lanes: [KeptLane] = []
            while body.remaining > 0 { lanes.append(try KeptLane(from: &body)) }
            change = .offsetsKept(lanes)
        default: throw ByteReader.CutShort()
        }
        guard body.remaining == 0 else { throw ByteReader.CutShort() }
        return change
    }
}

extension TopicDefinition {
    func encode(into writer: inout ByteWriter) {
        writer.put(id)
        writer.put(partitions)
        writer.put(retentionMilliseconds ?? -1)
        writer.put(retentionBytes ?? -1)
        writer.put(name)
        writer.put(identity)
        writer.put(cleanup)
    }

    init(from reader: inout ByteReader) throws(ByteReader.CutShort) {
        id = try reader.take(UInt32.self)
        // So far from the end that topics can still be made.
        guard id < UInt32.max / 2 else { throw ByteReader.CutShort() }
        partitions = try reader.take(Int32.self)
        guard partitions > 0, partitions <= 1 << 20 else { throw ByteReader.CutShort() }
        let age = try reader.take(Int64.self)
        let bytes = try reader.take(Int64.self)
        retentionMilliseconds = age < 0 ? nil : age
        retentionBytes = bytes < 0 ? nil : bytes
        name = try reader.text()
        identity = try reader.text()
        cleanup = try reader.text()
    }
}

extension LaneKey {
    func encode(into writer: inout ByteWriter) {
        writer.put(topic)
        writer.put(partition)
    }

    init(from reader: inout ByteReader) throws(ByteReader.CutShort) {
        topic = try reader.take(UInt32.self)
        partition = try reader.take(Int32.self)
    }
}

extension Lane {
    func encode(into writer: inout ByteWriter) {
        for number in [begin, next, records, bytes] { writer.put(number) }
    }

    init(from reader: inout ByteReader) throws(ByteReader.CutShort) {
        begin = try reader.take(Int64.self)
        next = try reader.take(Int64.self)
        records = try reader.take(Int64.self)
        bytes = try reader.take(Int64.self)
        guard begin >= 0, next >= begin, next < Int64.max / 2, records >= 0, records < Int64.max / 2,
            bytes >= 0, bytes < Int64.max / 2
        else {
            throw ByteReader.CutShort()
        }
    }
}

extension KeptLane {
    func encode(into writer: inout ByteWriter) {
        lane.encode(into: &writer)
        writer.put(from)
        writer.put(next)
    }

    init(from reader: inout ByteReader) throws(ByteReader.CutShort) {
        lane = try LaneKey(from: &reader)
        from = try reader.take(Int64.self)
        next = try reader.take(Int64.self)
        guard from >= 0, next >= from, next < Int64.max / 2 else { throw ByteReader.CutShort() }
    }
}

extension StoredPosition {
    func encode(into writer: inout ByteWriter) {
        writer.put(consumer)
        lane.encode(into: &writer)
        writer.put(next)
        writer.put(UInt8(anchor == nil ? 0 : 1))
        guard let anchor else { return }
        writer.put(anchor.offset)
        writer.put(anchor.timestamp)
        writer.put(anchor.hash)
    }

    init(from reader: inout ByteReader) throws(ByteReader.CutShort) {
        consumer = try reader.text()
        lane = try LaneKey(from: &reader)
        next = try reader.take(Int64.self)
        guard try reader.take(UInt8.self) == 1 else { return }
        anchor = Anchor(
            offset: try reader.take(Int64.self), timestamp: try reader.take(Int64.self),
            hash: try reader.take(UInt64.self))
    }
}
