/// The name of one kind of thing: not empty, bounded, without control characters, and never mixed up with the name
/// of another kind.
///
/// Two are equal when their bytes are. `String` also calls texts equal that differ in bytes but look alike (é has two
/// spellings), and a hash over the bytes would then disagree with the comparison.
public struct Identifier<Kind: IdentifierKind>: Sendable {
    public let text: String

    public init(_ text: String) throws(IdentifierFault) {
        let bytes = text.utf8.count
        guard bytes > 0 else { throw IdentifierFault(Kind.name, .empty) }
        guard bytes <= Kind.maximumBytes else {
            throw IdentifierFault(Kind.name, .tooLong(allowed: Kind.maximumBytes, actual: bytes))
        }
        guard !text.unicodeScalars.contains(where: Self.isControl) else {
            throw IdentifierFault(Kind.name, .controlCharacter)
        }
        self.text = text
    }

    /// Reads bytes that may be anything; those that are not UTF-8 are refused, not repaired.
    @inlinable
    public init(utf8 bytes: RawSpan) throws(IdentifierFault) {
        guard bytes.byteCount > 0, bytes.byteCount <= Kind.maximumBytes, bytes.isPrintableASCII else {
            try self.init(unusual: bytes)
            return
        }
        // Safe: the buffer is read inside the call, and the text is a copy.
        self.init(checked: unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
    }

    /// Reads what is not the short plain text that nearly all names are.
    @usableFromInline
    init(unusual bytes: RawSpan) throws(IdentifierFault) {
        // The length comes first: what is far too long is not even decoded.
        guard bytes.byteCount <= Kind.maximumBytes else {
            throw IdentifierFault(Kind.name, .tooLong(allowed: Kind.maximumBytes, actual: bytes.byteCount))
        }
        // Safe: the buffer is read inside the call, and the text is a copy.
        let decoded = unsafe bytes.withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
        guard let decoded else { throw IdentifierFault(Kind.name, .notUTF8) }
        try self.init(decoded)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}

extension Identifier: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        // Safe: both buffers are only compared, inside the calls.
        unsafe left.text.utf8.span.withUnsafeBytes { left in
            unsafe right.text.utf8.span.withUnsafeBytes { right in unsafe left.elementsEqual(right) }
        }
    }

    public func hash(into hasher: inout Hasher) {
        // Safe: the buffer is only read, inside the call.
        unsafe text.utf8.span.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        hasher.combine(0xFF as UInt8)  // No UTF-8 text has this byte, so it marks the end.
    }
}

extension Identifier: Comparable {
    /// The order of the bytes: the same on every machine and in every language.
    public static func < (left: Self, right: Self) -> Bool { left.text.utf8.lexicographicallyPrecedes(right.text.utf8) }
}

extension Identifier: CustomStringConvertible {
    public var description: String { text }
}

/// What one kind of identifier is called, and how long it may be.
public protocol IdentifierKind: Sendable {
    static var name: String { get }
    static var maximumBytes: Int { get }
}

/// Why a text is no identifier of this kind.
public struct IdentifierFault: Error, Equatable, Sendable {
    public enum Reason: Equatable, Sendable {
        case empty
        case tooLong(allowed: Int, actual: Int)
        case controlCharacter
        case notUTF8
    }

    public let kind: String
    public let reason: Reason

    init(_ kind: String, _ reason: Reason) {
        self.kind = kind
        self.reason = reason
    }
}

extension IdentifierFault: CustomStringConvertible {
    public var description: String {
        switch reason {
        case .empty: "\(kind) is empty"
        case .tooLong(let allowed, let actual): "\(kind) has at most \(allowed) bytes, and this has \(actual)"
        case .controlCharacter: "\(kind) holds a control character"
        case .notUTF8: "\(kind) is not UTF-8"
        }
    }
}
