extension EventType {
    /// The type of this name, found without making a string.
    @inlinable
    public static func named(_ name: RawSpan) -> EventType? { words.value(name) }

    public static func named(_ name: String) -> EventType? { unsafe named(name.utf8.span.bytes) }

    @usableFromInline static let words = WordTable(allCases, named: \.name)
}
