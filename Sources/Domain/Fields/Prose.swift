internal import Core

/// What a person or a broker wrote to be read by people: a reason, a rationale.
///
/// Bounded, and without NUL, which no database column takes.
public struct Prose: Hashable, Sendable {
    public let text: String

    public static let maximumBytes = 4096

    public init(_ text: String) throws(FieldFault) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw FieldFault("a text has at most \(Self.maximumBytes) bytes, and this has \(text.utf8.count)")
        }
        guard !text.utf8.isEmpty else { throw FieldFault("a text is not empty") }
        guard !text.utf8.contains(0) else { throw FieldFault("a text holds no NUL") }
        self.text = text
    }

    init(place: String) { text = place }
}

extension Prose: FieldText {
    public static var form: TextForm { .prose(maximumBytes: maximumBytes) }
    @inlinable public static var isPlain: Bool { false }
    public init(unread: Unread) { self.init(place: "") }

    public static func read(_ text: RawSpan) throws(FieldFault) -> Prose {
        guard text.byteCount <= maximumBytes else {
            throw FieldFault("a text has at most \(maximumBytes) bytes, and this has \(text.byteCount)")
        }
        if text.byteCount > 0, text.isPrintableASCII {
            // Safe: the bytes are read inside the call, and the text is a copy.
            return Prose(place: unsafe text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
        }
        // Safe: as above.
        let decoded = unsafe text.withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
        guard let decoded else { throw FieldFault("not UTF-8") }
        return try Prose(decoded)
    }

    @inlinable public func append(to text: inout [UInt8]) { text.append(contentsOf: self.text.utf8) }
    @inlinable public var heldText: String? { text }
}

extension Prose: CustomStringConvertible {
    public var description: String { text }
}
