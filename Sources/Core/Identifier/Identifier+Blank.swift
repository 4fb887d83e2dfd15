extension Identifier {
    /// Holds the place of a name that is about to be read; it is no name, and must be overwritten before anyone
    /// looks.
    public static var blank: Self { Self(place: "") }

    private init(place: String) { text = place }
}
