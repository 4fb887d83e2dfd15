/// A closed set of words.
///
/// They are storage format: a word may be added, never renamed or given another meaning.
public protocol Word: FieldText, RawRepresentable, CaseIterable where RawValue == String {
    /// All of them, to be found by their bytes.
    static var words: WordTable<Self> { get }

    /// One sentence for readers of the schema.
    var meaning: String { get }
}

extension Word {
    @inlinable public static var isPlain: Bool { true }

    public static var form: TextForm {
        .words(allCases.map { WordMeaning(word: $0.rawValue, meaning: $0.meaning) })
    }

    @inlinable
    public static func read(_ text: RawSpan) throws(FieldFault) -> Self {
        guard let value = words.value(text) else { throw unknown(text) }
        return value
    }

    @usableFromInline
    static func unknown(_ text: RawSpan) -> FieldFault {
        guard text.byteCount <= 64 else { return FieldFault("a word of \(text.byteCount) bytes is none of the set") }
        let word = unsafe text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        return FieldFault("'\(word)' is none of: \(allCases.map(\.rawValue).joined(separator: ", "))")
    }

    @inlinable public func append(to text: inout [UInt8]) { text.append(contentsOf: rawValue.utf8) }
    @inlinable public var heldText: String? { rawValue }

    @inlinable
    public init(unread: Unread) {
        guard let first = Self.allCases.first else { preconditionFailure("a closed set has words") }
        self = first
    }
}
