/// Bytes of somebody else's record, carried in JSON as base64 (RFC 4648 §4, with padding).
public struct Octets: Hashable, Sendable {
    public let bytes: [UInt8]

    /// Two thirds of the largest record the log takes, so that its base64 and an envelope fit into one.
    public static let maximumBytes = 700_000

    public init(_ bytes: [UInt8]) throws(FieldFault) {
        guard bytes.count <= Self.maximumBytes else {
            throw FieldFault("at most \(Self.maximumBytes) bytes are kept, and these are \(bytes.count)")
        }
        self.bytes = bytes
    }
}

extension Octets: FieldText {
    public static var form: TextForm { .base64(maximumBytes: maximumBytes) }
    @inlinable public static var isPlain: Bool { true }
    public init(unread: Unread) { bytes = [] }

    public static func read(_ text: RawSpan) throws(FieldFault) -> Octets {
        guard text.byteCount % 4 == 0 else { throw FieldFault("base64 comes in fours") }
        guard text.byteCount / 4 * 3 <= maximumBytes + 2 else { throw FieldFault("more than \(maximumBytes) bytes") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.byteCount / 4 * 3)
        for start in stride(from: 0, to: text.byteCount, by: 4) {
            try append(text, at: start, to: &bytes)
        }
        return try Octets(bytes)
    }

    private static func append(_ text: RawSpan, at start: Int, to bytes: inout [UInt8]) throws(FieldFault) {
        let isLast = start + 4 == text.byteCount
        var word: UInt32 = 0
        var padding = 0
        for offset in start..<start + 4 {
            let byte = text.byte(at: offset)
            if byte == UInt8(ascii: "="), isLast, offset >= start + 2 {
                padding += 1
                word <<= 6
                continue
            }
            guard padding == 0, let digit = digit(byte) else { throw FieldFault("not base64 at byte \(offset)") }
            word = word << 6 | digit
        }
        let unused: UInt32 = padding == 2 ? 0xFFFF : padding == 1 ? 0xFF : 0
        guard word & unused == 0 else { throw FieldFault("base64 with bits beyond its end") }
        for index in 0..<3 - padding { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(16 - 8 * index))) }
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    public func append(to text: inout [UInt8]) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var word: UInt32 = 0
            for index in 0..<3 { word = word << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
            for index in 0..<4 {
                let isPadding = index > count
                text.append(isPadding ? UInt8(ascii: "=") : alphabet[Int(word >> UInt32(18 - 6 * index)) & 63])
            }
        }
    }
}
