extension Identifier {
    /// Holds the place of a name that is about to be read; it is no name, and must be overwritten before anyone
    /// looks.
    @inlinable public static var blank: Self { Self(checked: "") }

    @usableFromInline init(checked text: String) { self.text = text }

    /// A name whose text was read as a name before: the caller vouches for its length and characters.
    @inlinable
    public init(trusted text: String) { self.init(checked: text) }
}
