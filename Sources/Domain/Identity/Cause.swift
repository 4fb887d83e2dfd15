/// Where the record lies that made an event: `topic/partition/offset`, and `#ordinal` when one record made several.
public struct Cause: Hashable, Sendable {
    public let topic: String
    public let partition: Int32
    public let offset: Int64
    public let ordinal: Int32

    public static let maximumTopicBytes = 249

    public init(topic: String, partition: Int32, offset: Int64, ordinal: Int32 = 0) {
        precondition(Self.isTopic(topic.utf8), "a topic's name has letters, digits, '.', '_' and '-'")
        precondition(partition >= 0 && offset >= 0 && ordinal >= 0, "positions are not negative")
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.ordinal = ordinal
    }

    static func isTopic(_ name: some Collection<UInt8>) -> Bool {
        (1...maximumTopicBytes).contains(name.count)
            && name.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension Cause: FieldText {
    public static var form: TextForm {
        .pattern(
            "^[A-Za-z0-9._-]{1,249}/(0|[1-9][0-9]{0,9})/(0|[1-9][0-9]{0,18})#(0|[1-9][0-9]{0,9})$",
            example: "torghut.decisions.v1/3/1729#0")
    }
    @inlinable public static var isPlain: Bool { true }

    public init(unread: Unread) {
        topic = ""
        partition = 0
        offset = 0
        ordinal = 0
    }

    public static func read(_ text: RawSpan) throws(FieldFault) -> Cause {
        guard text.byteCount <= maximumTopicBytes + 44, let cause = parse(text) else {
            throw FieldFault("not topic/partition/offset#ordinal")
        }
        return cause
    }

    private static func parse(_ text: RawSpan) -> Cause? {
        var end = 0
        while end < text.byteCount, text.byte(at: end) != UInt8(ascii: "/") { end += 1 }
        // Safe: the bytes are read inside the call.
        let topic = unsafe text.withUnsafeBytes { bytes -> String? in
            let name = unsafe bytes[..<end]
            return unsafe isTopic(name) ? String(decoding: name, as: UTF8.self) : nil
        }
        guard let topic, let (partition, next) = number(text, after: end, UInt8(ascii: "/")),
            let (offset, hash) = number(text, after: next, UInt8(ascii: "/")),
            let (ordinal, last) = number(text, after: hash, UInt8(ascii: "#")),
            last == text.byteCount, let partition = Int32(exactly: partition), let ordinal = Int32(exactly: ordinal)
        else { return nil }
        return Cause(topic: topic, partition: partition, offset: offset, ordinal: ordinal)
    }

    /// The number behind `mark`, without zeros in front, and where it ends.
    private static func number(_ text: RawSpan, after start: Int, _ mark: UInt8) -> (Int64, Int)? {
        guard start + 1 < text.byteCount, text.byte(at: start) == mark else { return nil }
        var offset = start + 1
        var value: Int64 = 0
        while offset < text.byteCount {
            let digit = text.byte(at: offset) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            let (tens, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = tens.addingReportingOverflow(Int64(digit))
            guard !first, !second else { return nil }
            value = sum
            offset += 1
        }
        let digits = offset - start - 1
        guard digits > 0, digits == 1 || text.byte(at: start + 1) != UInt8(ascii: "0") else { return nil }
        return (value, offset)
    }

    public func append(to text: inout [UInt8]) { text.append(contentsOf: description.utf8) }
}

extension Cause: CustomStringConvertible {
    public var description: String { "\(topic)/\(partition)/\(offset)#\(ordinal)" }
}

extension Cause {
    /// `topic/partition/offset`: a record, whatever it made.
    public var place: String { "\(topic)/\(partition)/\(offset)" }

    /// A cause whose text may also end at the offset.
    static func read(record text: RawSpan) throws(FieldFault) -> Cause {
        var whole = unsafe text.withUnsafeBytes { unsafe Array($0.prefix(maximumTopicBytes + 44)) }
        if !whole.contains(UInt8(ascii: "#")) { whole.append(contentsOf: "#0".utf8) }
        return try unsafe read(whole.span.bytes)
    }
}
