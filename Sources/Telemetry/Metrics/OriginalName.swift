/// What a family was called in the original, for whoever still asks for that name: the same series and the same
/// measurements, in another unit.
public struct OriginalName: Equatable, Sendable {
    public let name: String
    public let help: String
    /// How many of its unit are one of ours.
    let factor: Double

    /// Of a family in seconds.
    public static func milliseconds(_ name: String, _ help: String) -> OriginalName {
        OriginalName(name: name, help: help, factor: 1_000)
    }
}

/// Which names a scrape is told.
public enum MetricNames: String, CaseIterable, Sendable {
    /// Ours, in base units.
    case base
    /// Ours, and beside them those of the original.
    case original

    /// The parameter of `/metrics` that chooses.
    public static let parameter = "names"
}
