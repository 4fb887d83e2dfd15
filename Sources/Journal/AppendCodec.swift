internal import Core

/// An append as bytes: the names of its topics once, then records and positions that point at them.
///
/// Records have a partition and header names fit 16 bits: `RecordEncoder` was asked before.
enum AppendCodec {
    private static let recordBytes = 27
    private static let positionBytes = 21

    static func encode(_ append: Append, into writer: inout ByteWriter) {
        var names: [String] = []
        var indices: [String: UInt32] = [:]
        func index(of topic: String) -> UInt32 {
            if let known = indices[topic] { return known }
            names.append(topic)
            indices[topic] = UInt32(names.count - 1)
            return UInt32(names.count - 1)
        }
        var rest = ByteWriter()
        rest.put(UInt32(append.records.count))
        for record in append.records { encode(record, index(of: record.topic), into: &rest) }
        rest.put(UInt32(append.positions.count))
        for position in append.positions { encode(position, index(of: position.source.topic), into: &rest) }
        writer.put(UInt32(names.count))
        for name in names { writer.putLong(name) }
        writer.put(rest.bytes)
    }

    private static func encode(_ record: NewRecord, _ topic: UInt32, into writer: inout ByteWriter) {
        writer.put(topic)
        writer.put(record.partition ?? -1)
        writer.put(UInt8(record.timestamp == nil ? 0 : 1))
        writer.put(record.timestamp ?? 0)
        writer.put(UInt16(record.headers.count))
        put(record.key, into: &writer)
        put(record.value, into: &writer)
        for header in record.headers {
            writer.put(header.name)
            put(header.value, into: &writer)
        }
    }

    private static func put(_ bytes: [UInt8]?, into writer: inout ByteWriter) {
        writer.put(Int32(bytes?.count ?? -1))
        if let bytes { writer.put(bytes) }
    }

    private static func encode(_ position: ConsumerPosition, _ topic: UInt32, into writer: inout ByteWriter) {
        writer.put(topic)
        writer.put(position.source.partition)
        writer.put(position.next)
        writer.putLong(position.consumer)
        writer.put(UInt8(position.anchor == nil ? 0 : 1))
        guard let anchor = position.anchor else { return }
        writer.put(anchor.offset)
        writer.put(anchor.timestamp)
        writer.put(anchor.hash)
    }

    static func decode(from reader: inout ByteReader) throws(ByteReader.CutShort) -> Append {
        var names: [String] = []
        for _ in 0..<(try reader.count(ofAtLeast: 4)) { names.append(try reader.longText()) }
        var append = Append([])
        for _ in 0..<(try reader.count(ofAtLeast: recordBytes)) {
            append.records.append(try record(from: &reader, names))
        }
        for _ in 0..<(try reader.count(ofAtLeast: positionBytes)) {
            append.positions.append(try position(from: &reader, names))
        }
        return append
    }

    private static func record(
        from reader: inout ByteReader, _ names: [String]
    ) throws(ByteReader.CutShort) -> NewRecord {
        let topic = try name(from: &reader, names)
        let partition = try reader.take(Int32.self)
        let stamped = try reader.take(UInt8.self) == 1
        let timestamp = try reader.take(Int64.self)
        let headers = Int(try reader.take(UInt16.self))
        var record = NewRecord(
            topic: topic, partition: partition, key: try bytes(from: &reader), value: try bytes(from: &reader),
            timestamp: stamped ? timestamp : nil)
        for _ in 0..<headers {
            let name = try reader.text()
            record.headers.append(Header(name, try bytes(from: &reader)))
        }
        return record
    }

    private static func position(
        from reader: inout ByteReader, _ names: [String]
    ) throws(ByteReader.CutShort) -> ConsumerPosition {
        let topic = try name(from: &reader, names)
        let source = TopicPartition(topic, try reader.take(Int32.self))
        let next = try reader.take(Int64.self)
        let consumer = try reader.longText()
        var anchor: Anchor?
        if try reader.take(UInt8.self) == 1 {
            anchor = Anchor(
                offset: try reader.take(Int64.self), timestamp: try reader.take(Int64.self),
                hash: try reader.take(UInt64.self))
        }
        return ConsumerPosition(consumer: consumer, source: source, next: next, anchor: anchor)
    }

    private static func name(
        from reader: inout ByteReader, _ names: [String]
    ) throws(ByteReader.CutShort) -> String {
        let index = Int(try reader.take(UInt32.self))
        guard index < names.count else { throw ByteReader.CutShort() }
        return names[index]
    }

    private static func bytes(from reader: inout ByteReader) throws(ByteReader.CutShort) -> [UInt8]? {
        let length = try reader.take(Int32.self)
        guard length >= -1 else { throw ByteReader.CutShort() }
        return length < 0 ? nil : try reader.bytes(Int(length))
    }
}
