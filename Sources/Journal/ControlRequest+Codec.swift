internal import Core

extension ControlRequest {
    func encode() -> (kind: UInt16, body: [UInt8]) {
        var writer = ByteWriter()
        switch self {
        case .append(let append, let token):
            writer.put(UInt8(token == nil ? 0 : 1))
            if let token { token.encode(into: &writer) }
            AppendCodec.encode(append, into: &writer)
        case .openWriter(let name): writer.putLong(name)
        case .closeWriter(let token): token.encode(into: &writer)
        case .create(let topics):
            writer.put(UInt32(topics.count))
            for topic in topics { topic.encode(into: &writer) }
        case .adjust(let topic): topic.encode(into: &writer)
        case .delete(let topic): writer.putLong(topic)
        case .ping: break
        }
        return (kind, writer.bytes)
    }

    private var kind: UInt16 {
        switch self {
        case .append: 1
        case .openWriter: 2
        case .closeWriter: 3
        case .create: 4
        case .adjust: 5
        case .delete: 6
        case .ping: 7
        }
    }

    static func decode(_ frame: ControlFrame) throws(ByteReader.CutShort) -> ControlRequest {
        var reader = ByteReader(frame.body)
        let request: ControlRequest
        switch frame.kind {
        case 1:
            let token = try reader.take(UInt8.self) == 1 ? try WriterToken(from: &reader) : nil
            request = .append(try AppendCodec.decode(from: &reader), as: token)
        case 2: request = .openWriter(try reader.longText())
        case 3: request = .closeWriter(try WriterToken(from: &reader))
        case 4:
            var topics: [TopicSpec] = []
            for _ in 0..<(try reader.count(ofAtLeast: 17)) { topics.append(try TopicSpec(from: &reader)) }
            request = .create(topics)
        case 5: request = .adjust(try TopicSpec(from: &reader))
        case 6: request = .delete(try reader.longText())
        case 7: request = .ping
        default: throw ByteReader.CutShort()
        }
        guard reader.remaining == 0 else { throw ByteReader.CutShort() }
        return request
    }
}

extension WriterToken {
    func encode(into writer: inout ByteWriter) {
        writer.putLong(name)
        writer.put(epoch)
    }

    init(from reader: inout ByteReader) throws(ByteReader.CutShort) {
        self.init(name: try reader.longText(), epoch: try reader.take(UInt64.self))
    }
}

extension TopicSpec {
    func encode(into writer: inout ByteWriter) {
        writer.put(partitions)
        writer.put(UInt8(retentionMilliseconds == nil ? 0 : 1))
        writer.put(retentionMilliseconds ?? 0)
        writer.putLong(name)
        writer.putLong(cleanup.rawValue)
    }

    init(from reader: inout ByteReader) throws(ByteReader.CutShort) {
        let partitions = try reader.take(Int32.self)
        let kept = try reader.take(UInt8.self) == 1
        let retention = try reader.take(Int64.self)
        let name = try reader.longText()
        guard let cleanup = TopicSpec.Cleanup(rawValue: try reader.longText()) else { throw ByteReader.CutShort() }
        self.init(
            name: name, partitions: partitions, retentionMilliseconds: kept ? retention : nil, cleanup: cleanup)
    }
}

/// Names in requests were not checked against any limit yet, so their lengths take 32 bits.
extension ByteWriter {
    mutating func putLong(_ text: String) {
        let raw = Array(text.utf8)
        put(UInt32(raw.count))
        put(raw)
    }
}

extension ByteReader {
    mutating func longText() throws(CutShort) -> String {
        let length = try count(ofAtLeast: 1)
        // Longer than any name may be, and short enough to come back in an error.
        guard length <= 1 << 20 else { throw CutShort() }
        let raw = try bytes(length)
        guard let text = String(validating: raw, as: UTF8.self) else { throw CutShort() }
        return text
    }
}
