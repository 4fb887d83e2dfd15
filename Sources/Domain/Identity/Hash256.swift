/// SHA-256 of one kind of thing: thirty-two bytes, written as 64 lower-case hexadecimal digits.
public struct Hash256<Kind: Sendable>: Hashable, Sendable {
    /// Four words, the first bytes of the digest on top of the first.
    public let words: (UInt64, UInt64, UInt64, UInt64)

    @inlinable
    public init(_ words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// The digest that a hash function gave.
    public init(digest: [UInt8]) {
        precondition(digest.count == 32, "SHA-256 has 32 bytes")
        let word = { (start: Int) in digest[start..<start + 8].reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
        words = (word(0), word(8), word(16), word(24))
    }

    @inlinable
    public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    @inlinable
    public func hash(into hasher: inout Hasher) {
        // One word of a digest is as good as all four.
        hasher.combine(words.0)
    }
}

extension Hash256: Comparable {
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.words < right.words }
}

extension Hash256: FieldText {
    public static var form: TextForm { .hexadecimal(digits: 64) }
    @inlinable public static var isPlain: Bool { true }
    @inlinable public init(unread: Unread) { words = (0, 0, 0, 0) }

    @inlinable
    public static func read(_ text: RawSpan) throws(FieldFault) -> Self {
        guard text.byteCount == 64, let a = Hexadecimal.wide(text, at: 0), let b = Hexadecimal.wide(text, at: 16),
            let c = Hexadecimal.wide(text, at: 32), let d = Hexadecimal.wide(text, at: 48)
        else { throw FieldFault("not 64 hexadecimal digits") }
        return Self((a, b, c, d))
    }

    @inlinable
    public func append(to text: inout [UInt8]) {
        // Safe: 64 bytes are stored, and then copied.
        unsafe withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { bytes in
            unsafe store(words.0, at: 0, in: bytes)
            unsafe store(words.1, at: 16, in: bytes)
            unsafe store(words.2, at: 32, in: bytes)
            unsafe store(words.3, at: 48, in: bytes)
            unsafe text.append(contentsOf: bytes)
        }
    }
}

extension Hash256 {
    @inlinable
    func store(_ word: UInt64, at offset: Int, in bytes: UnsafeMutableRawBufferPointer) {
        // Safe: the buffer checks that the sixteen bytes lie inside it.
        unsafe bytes.storeBytes(of: Hexadecimal.text(word >> 32), toByteOffset: offset, as: UInt64.self)
        unsafe bytes.storeBytes(of: Hexadecimal.text(word), toByteOffset: offset + 8, as: UInt64.self)
    }
}

extension Hash256: CustomStringConvertible {
    public var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

public enum DecisionKind: Sendable {}
/// The identity of a decision; its text is the client order id and the idempotency key on every route.
public typealias DecisionHash = Hash256<DecisionKind>

public enum ContentKind: Sendable {}
/// What some bytes hash to: a body, a policy, a configuration, a record.
public typealias ContentHash = Hash256<ContentKind>
