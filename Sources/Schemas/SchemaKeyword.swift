/// The part of JSON Schema that our documents use.
///
/// What is not here is refused, not passed over: a check that skips a keyword would call a breaking change harmless.
enum SchemaKeyword: String, CaseIterable {
    // What a value must be.
    case type, const, `enum`, pattern, minLength, maxLength, minimum, maximum, required, properties
    case items, minItems, maxItems, additionalProperties
    // What a reader should know.
    case schema = "$schema"
    case id = "$id"
    case title, description, examples, format, contentEncoding
    case unit = "x-unit"
    case meanings = "x-meanings"
}

/// A schema that says what this program does not understand.
public struct SchemaFault: Error, Equatable, Sendable, CustomStringConvertible {
    public let path: String
    public let what: String

    public var description: String { "\(path): \(what)" }
}
