/// What a field means, for the people who read the schema.
public struct FieldNote: Sendable, ExpressibleByStringLiteral {
    public let text: StaticString
    public let unit: StaticString?
    public let example: StaticString?

    @inlinable
    public init(_ text: StaticString, unit: StaticString? = nil, example: StaticString? = nil) {
        self.text = text
        self.unit = unit
        self.example = example
    }

    @inlinable public init(stringLiteral text: StaticString) { self.init(text) }
}
