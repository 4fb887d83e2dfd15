/// A UUID of one kind of thing: sixteen bytes, never mixed up with the UUID of another kind.
///
/// Any UUID is read. Ours are made by `Wire`: version 8 from a hash when they have a cause, version 7 at the edge.
public struct UUID128<Kind: Sendable>: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The first sixteen bytes of a digest, with version 8 and the variant of RFC 9562 set.
    @inlinable
    public init(hashed high: UInt64, _ low: UInt64) {
        self.high = high & ~0xF000 | 0x8000
        self.low = low & ~(0xC << 60) | 0x8 << 60
    }
}

extension UUID128: Comparable {
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

extension UUID128: FieldText {
    public static var form: TextForm { .uuid }
    @inlinable public static var isPlain: Bool { true }

    @inlinable
    public init(unread: Unread) {
        high = 0
        low = 0
    }

    @inlinable
    public static func read(_ text: RawSpan) throws(FieldFault) -> Self {
        guard text.byteCount == 36, let value = parse(text) else { throw FieldFault("not a UUID") }
        return value
    }

    @inlinable
    static func parse(_ text: RawSpan) -> Self? {
        let dash = UInt8(ascii: "-")
        guard text.byte(at: 8) == dash, text.byte(at: 13) == dash, text.byte(at: 18) == dash,
            text.byte(at: 23) == dash,
            let first = Hexadecimal.digits(text, at: 0),
            let second = Hexadecimal.split(text, at: 9, and: 14),
            let third = Hexadecimal.split(text, at: 19, and: 24),
            let fourth = Hexadecimal.digits(text, at: 28)
        else { return nil }
        return Self(high: first << 32 | second, low: third << 32 | fourth)
    }

    @inlinable
    public func append(to text: inout [UInt8]) {
        let dash = UInt8(ascii: "-")
        let second = Hexadecimal.text(high)
        let third = Hexadecimal.text(low >> 32)
        // Safe: 36 bytes are stored, each exactly once, and then copied.
        unsafe withUnsafeTemporaryAllocation(byteCount: 36, alignment: 8) { bytes in
            unsafe bytes.storeBytes(of: Hexadecimal.text(high >> 32), as: UInt64.self)
            unsafe bytes[8] = dash
            unsafe bytes.storeBytes(of: UInt32(truncatingIfNeeded: second), toByteOffset: 9, as: UInt32.self)
            unsafe bytes[13] = dash
            unsafe bytes.storeBytes(of: UInt32(truncatingIfNeeded: second >> 32), toByteOffset: 14, as: UInt32.self)
            unsafe bytes[18] = dash
            unsafe bytes.storeBytes(of: UInt32(truncatingIfNeeded: third), toByteOffset: 19, as: UInt32.self)
            unsafe bytes[23] = dash
            unsafe bytes.storeBytes(of: UInt32(truncatingIfNeeded: third >> 32), toByteOffset: 24, as: UInt32.self)
            unsafe bytes.storeBytes(of: Hexadecimal.text(low), toByteOffset: 28, as: UInt64.self)
            unsafe text.append(contentsOf: bytes)
        }
    }
}

extension UUID128: CustomStringConvertible {
    public var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

public enum EventKind: Sendable {}
public typealias EventID = UUID128<EventKind>

/// What all events of one story share, from the decision to its last fill; a W3C trace id has the same sixteen bytes.
public enum StoryKind: Sendable {}
public typealias StoryID = UUID128<StoryKind>

public enum IntentKind: Sendable {}
public typealias IntentID = UUID128<IntentKind>

public enum AttemptKind: Sendable {}
public typealias AttemptID = UUID128<AttemptKind>

public enum RowKind: Sendable {}
public typealias RowID = UUID128<RowKind>
