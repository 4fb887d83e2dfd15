internal import Core

/// The words of `control.sock` as bytes. Everything read is checked: the other side may be anyone's program.
enum ControlCodec {
    static func encode(_ append: Append, writer: UInt64) -> [UInt8] {
        var out = ByteWriter()
        out.put(writer)
        out.put(UInt32(append.records.count))
        for record in append.records {
            out.put(record.topic)
            out.put(record.partition ?? -1)
            put(record.key, &out)
            put(record.value, &out)
            out.put(UInt8(record.timestamp == nil ? 0 : 1))
            out.put(record.timestamp ?? 0)
            out.put(UInt32(record.headers.count))
            for header in record.headers {
                out.put(header.name)
                put(header.value, &out)
            }
        }
        out.put(UInt32(append.positions.count))
        for position in append.positions {
            out.put(position.consumer)
            put(position.source, &out)
            out.put(position.next)
            out.put(UInt8(position.anchor == nil ? 0 : 1))
            out.put(position.anchor?.offset ?? 0)
            out.put(position.anchor?.timestamp ?? 0)
            out.put(position.anchor?.hash ?? 0)
        }
        return out.bytes
    }

    static func append(_ body: [UInt8]) throws(ByteReader.CutShort) -> (append: Append, writer: UInt64) {
        var reader = ByteReader(body)
        let writer = try reader.take(UInt64.self)
        var records: [NewRecord] = []
        for _ in 0..<(try reader.count(ofAtLeast: 27)) {
            let topic = try reader.text()
            let partition = try reader.take(Int32.self)
            let key = try bytes(&reader)
            let value = try bytes(&reader)
            let stamped = try reader.take(UInt8.self) == 1
            let timestamp = try reader.take(Int64.self)
            var headers: [Header] = []
            for _ in 0..<(try reader.count(ofAtLeast: 6)) {
                headers.append(Header(try reader.text(), try bytes(&reader)))
            }
            records.append(
                NewRecord(
                    topic: topic, partition: partition < 0 ? nil : partition, key: key, value: value, headers: headers,
                    timestamp: stamped ? timestamp : nil))
        }
        var positions: [ConsumerPosition] = []
        for _ in 0..<(try reader.count(ofAtLeast: 41)) {
            let consumer = try reader.text()
            let source = TopicPartition(try reader.text(), try reader.take(Int32.self))
            let next = try reader.take(Int64.self)
            let anchored = try reader.take(UInt8.self) == 1
            let anchor = Anchor(
                offset: try reader.take(Int64.self), timestamp: try reader.take(Int64.self),
                hash: try reader.take(UInt64.self))
            positions.append(
                ConsumerPosition(consumer: consumer, source: source, next: next, anchor: anchored ? anchor : nil))
        }
        guard reader.remaining == 0 else { throw ByteReader.CutShort() }
        return (Append(records, positions: positions), writer)
    }

    static func encode(_ places: [RecordPosition]) -> [UInt8] {
        var out = ByteWriter()
        var sources: [TopicPartition] = []
        var index: [TopicPartition: UInt32] = [:]
        for place in places where index[place.source] == nil {
            index[place.source] = UInt32(sources.count)
            sources.append(place.source)
        }
        out.put(UInt32(sources.count))
        for source in sources { put(source, &out) }
        out.put(UInt32(places.count))
        for place in places {
            out.put(index[place.source] ?? 0)
            out.put(place.offset)
        }
        return out.bytes
    }

    static func places(_ body: [UInt8]) throws(ByteReader.CutShort) -> [RecordPosition] {
        var reader = ByteReader(body)
        var sources: [TopicPartition] = []
        for _ in 0..<(try reader.count(ofAtLeast: 6)) {
            sources.append(TopicPartition(try reader.text(), try reader.take(Int32.self)))
        }
        var places: [RecordPosition] = []
        for _ in 0..<(try reader.count(ofAtLeast: 12)) {
            let index = Int(try reader.take(UInt32.self))
            guard index < sources.count else { throw ByteReader.CutShort() }
            places.append(RecordPosition(sources[index], try reader.take(Int64.self)))
        }
        return places
    }

    static func encode(_ topics: [TopicSpec]) -> [UInt8] {
        var out = ByteWriter()
        out.put(UInt32(topics.count))
        for topic in topics {
            out.put(topic.name)
            out.put(topic.partitions)
            out.put(topic.retentionMilliseconds ?? -1)
            out.put(topic.cleanup.rawValue)
        }
        return out.bytes
    }

    static func topics(_ body: [UInt8]) throws(ByteReader.CutShort) -> [TopicSpec] {
        var reader = ByteReader(body)
        var topics: [TopicSpec] = []
        for _ in 0..<(try reader.count(ofAtLeast: 16)) {
            let name = try reader.text()
            let partitions = try reader.take(Int32.self)
            let age = try reader.take(Int64.self)
            guard let cleanup = TopicSpec.Cleanup(rawValue: try reader.text()) else { throw ByteReader.CutShort() }
            topics.append(
                TopicSpec(
                    name: name, partitions: partitions, retentionMilliseconds: age < 0 ? nil : age, cleanup: cleanup))
        }
        return topics
    }

    static func encode(_ text: String) -> [UInt8] {
        var out = ByteWriter()
        out.put(text)
        return out.bytes
    }

    static func text(_ body: [UInt8]) throws(ByteReader.CutShort) -> String {
        var reader = ByteReader(body)
        return try reader.text()
    }

    private static func put(_ source: TopicPartition, _ out: inout ByteWriter) {
        out.put(source.topic)
        out.put(source.partition)
    }

    private static func put(_ bytes: [UInt8]?, _ out: inout ByteWriter) {
        out.put(Int32(bytes?.count ?? -1))
        if let bytes { out.put(bytes) }
    }

    private static func bytes(_ reader: inout ByteReader) throws(ByteReader.CutShort) -> [UInt8]? {
        let length = try reader.take(Int32.self)
        return length < 0 ? nil : try reader.bytes(Int(length))
    }
}
