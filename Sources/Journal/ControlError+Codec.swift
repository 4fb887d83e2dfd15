internal import Core

/// A `LogError` as it travels over `control.sock`: a code, a text, and what numbers it has.
extension ControlCodec {
    static func encode(_ error: LogError) -> [UInt8] {
        var out = ByteWriter()
        func put(_ code: UInt8, _ text: String, _ numbers: Int64...) {
            out.put(code)
            out.put(String(decoding: Array(text.utf8.prefix(4096)), as: UTF8.self))
            for index in 0..<4 { out.put(index < numbers.count ? numbers[index] : 0) }
        }
        switch error.reason {
        case .fenced(let writer): put(1, writer)
        case .positionOutOfRange(let source, let asked, let bounds):
            put(2, source.topic, Int64(source.partition), asked, bounds.begin, bounds.end)
        case .anchorMismatch(let source, let offset): put(3, source.topic, Int64(source.partition), offset)
        case .unknownTopic(let name): put(4, name)
        case .unknownPartition(let source): put(5, source.topic, Int64(source.partition))
        case .limitExceeded(let name, let allowed, let actual): put(6, name, Int64(allowed), Int64(actual))
        case .damaged(let file, let byte, let what): put(7, file + "\u{0}" + what, byte)
        case .locked(let holder): put(8, holder)
        case .noSpace(let what): put(9, what)
        case .timedOut(let what): put(10, what)
        case .unavailable(let what): put(11, what)
        case .outcomeUnknown(let what): put(12, what)
        case .refused(let what): put(13, what)
        case .failed(let what): put(14, what)
        case .closed: put(15, "")
        }
        return out.bytes
    }

    static func error(_ body: [UInt8], _ operation: LogError.Operation) throws(ByteReader.CutShort) -> LogError {
        var reader = ByteReader(body)
        let code = try reader.take(UInt8.self)
        let text = try reader.text()
        var numbers: [Int64] = []
        for _ in 0..<4 { numbers.append(try reader.take(Int64.self)) }
        return LogError(operation, try reason(code, text, numbers))
    }

    private static func reason(
        _ code: UInt8, _ text: String, _ numbers: [Int64]
    ) throws(ByteReader.CutShort) -> LogError.Reason {
        let source = TopicPartition(text, Int32(truncatingIfNeeded: numbers[0]))
        switch code {
        case 1: return .fenced(writer: text)
        case 2: return .positionOutOfRange(source, asked: numbers[1], Bounds(begin: numbers[2], end: numbers[3]))
        case 3: return .anchorMismatch(source, offset: numbers[1])
        case 4: return .unknownTopic(text)
        case 5: return .unknownPartition(source)
        case 6: return .limitExceeded(name: text, allowed: Int(numbers[0]), actual: Int(numbers[1]))
        case 7:
            let parts = text.split(separator: "\u{0}", omittingEmptySubsequences: false).map(String.init)
            return .damaged(file: parts[0], byte: numbers[0], what: parts.count > 1 ? parts[1] : "")
        case 8: return .locked(holder: text)
        case 9: return .noSpace(text)
        case 10: return .timedOut(text)
        case 11: return .unavailable(text)
        case 12: return .outcomeUnknown(text)
        case 13: return .refused(text)
        case 14: return .failed(text)
        case 15: return .closed
        default: throw ByteReader.CutShort()
        }
    }
}
