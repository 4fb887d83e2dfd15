internal import Core

/// An error as bytes, so that a caller in another process sees what a caller in this one would.
extension LogError {
    func encode(into writer: inout ByteWriter) {
        writer.putLong(operation.rawValue)
        switch reason {
        case .fenced(let name): writer.put(1, name)
        case .positionOutOfRange(let source, let asked, let bounds):
            writer.put(2, source.topic)
            for number in [Int64(source.partition), asked, bounds.begin, bounds.end] { writer.put(number) }
        case .anchorMismatch(let source, let offset):
            writer.put(3, source.topic)
            for number in [Int64(source.partition), offset] { writer.put(number) }
        case .unknownTopic(let name): writer.put(4, name)
        case .unknownPartition(let source):
            writer.put(5, source.topic)
            writer.put(Int64(source.partition))
        case .limitExceeded(let name, let allowed, let actual):
            writer.put(6, name)
            for number in [Int64(allowed), Int64(actual)] { writer.put(number) }
        case .damaged(let file, let byte, let what):
            writer.put(7, file)
            writer.put(byte)
            writer.putLong(what)
        case .locked(let holder): writer.put(8, holder)
        case .noSpace(let what): writer.put(9, what)
        case .timedOut(let what): writer.put(10, what)
        case .unavailable(let what): writer.put(11, what)
        case .outcomeUnknown(let what): writer.put(12, what)
        case .refused(let what): writer.put(13, what)
        case .failed(let what): writer.put(14, what)
        case .closed: writer.put(15, "")
        }
    }

    init(from reader: inout ByteReader) throws(ByteReader.CutShort) {
        guard let operation = Operation(rawValue: try reader.longText()) else { throw ByteReader.CutShort() }
        let kind = try reader.take(UInt8.self)
        let text = try reader.longText()
        let reason: Reason
        switch kind {
        case 1: reason = .fenced(writer: text)
        case 2:
            let source = try Self.source(text, &reader)
            let asked = try reader.take(Int64.self)
            let bounds = Bounds(begin: try reader.take(Int64.self), end: try reader.take(Int64.self))
            reason = .positionOutOfRange(source, asked: asked, bounds)
        case 3: reason = .anchorMismatch(try Self.source(text, &reader), offset: try reader.take(Int64.self))
        case 4: reason = .unknownTopic(text)
        case 5: reason = .unknownPartition(try Self.source(text, &reader))
        case 6:
            let allowed = Int(try reader.take(Int64.self))
            reason = .limitExceeded(name: text, allowed: allowed, actual: Int(try reader.take(Int64.self)))
        case 7:
            let byte = try reader.take(Int64.self)
            reason = .damaged(file: text, byte: byte, what: try reader.longText())
        case 8: reason = .locked(holder: text)
        case 9: reason = .noSpace(text)
        case 10: reason = .timedOut(text)
        case 11: reason = .unavailable(text)
        case 12: reason = .outcomeUnknown(text)
        case 13: reason = .refused(text)
        case 14: reason = .failed(text)
        case 15: reason = .closed
        default: throw ByteReader.CutShort()
        }
        self.init(operation, reason)
    }

    private static func source(
        _ topic: String, _ reader: inout ByteReader
    ) throws(ByteReader.CutShort) -> TopicPartition {
        TopicPartition(topic, Int32(truncatingIfNeeded: try reader.take(Int64.self)))
    }
}

extension ByteWriter {
    /// Every reason is a number and a text, and some go on.
    fileprivate mutating func put(_ kind: UInt8, _ text: String) {
        put(kind)
        putLong(text)
    }
}
