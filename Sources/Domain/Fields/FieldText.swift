/// A value that is written as a JSON string: amounts, moments, names, identities, words of a closed set.
public protocol FieldText: Sendable, Equatable, Blank {
    /// What outside readers may expect of the text.
    static var form: TextForm { get }

    /// Whether the text never needs an escape in JSON: only then may an encoder copy it as it is.
    static var isPlain: Bool { get }

    /// Reads the whole text, or says why it is none of ours; it never guesses.
    static func read(_ text: RawSpan) throws(FieldFault) -> Self

    /// The same for a reader who remembers names.
    static func read(_ text: RawSpan, recalling names: KnownNames.Lent) throws(FieldFault) -> Self

    /// Appends the one canonical text.
    func append(to text: inout [UInt8])

    /// The same text, when the value is one that only has to be handed over.
    var heldText: String? { get }
}

extension FieldText {
    @inlinable public var heldText: String? { nil }

    @inlinable @inline(__always)
    public static func read(_ text: RawSpan, recalling names: KnownNames.Lent) throws(FieldFault) -> Self {
        try read(text)
    }
}

/// Why a text is not a value of its field.
public struct FieldFault: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// What a text looks like, as a schema says it.
public enum TextForm: Sendable, Equatable {
    case decimal
    case time
    case uuid
    /// So many lower-case hexadecimal digits.
    case hexadecimal(digits: Int)
    case base64(maximumBytes: Int)
    /// A name: not empty, no control characters.
    case name(maximumBytes: Int)
    /// Prose: line breaks are fine, NUL is not.
    case prose(maximumBytes: Int)
    case pattern(String, example: String)
    /// One of these, with what each means.
    case words([WordMeaning])
}

/// A word of a closed set and what it says.
public struct WordMeaning: Sendable, Equatable {
    public let word: String
    public let meaning: String

    public init(word: String, meaning: String) {
        self.word = word
        self.meaning = meaning
    }
}
