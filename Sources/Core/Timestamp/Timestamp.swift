/// A moment: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds, from the year 1677 to 2262.
public struct Timestamp: Hashable, Sendable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static let epoch = Timestamp(nanoseconds: 0)
    public static let earliest = Timestamp(nanoseconds: .min)
    public static let latest = Timestamp(nanoseconds: .max)

    /// `nil` when the moment lies outside the range: Kafka's records carry any 64 bits their producer liked.
    public init?(milliseconds: Int64) {
        let (nanoseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return nil }
        self.init(nanoseconds: nanoseconds)
    }

    /// Whole milliseconds since 1970, rounded towards the past, also before 1970.
    public var milliseconds: Int64 { Self.floor(nanoseconds, by: 1_000_000).quotient }

    /// How long after `earlier` this is; negative when it is before.
    public func since(_ earlier: Timestamp) -> Duration {
        let (seconds, rest) = (Int128(nanoseconds) - Int128(earlier.nanoseconds))
            .quotientAndRemainder(dividingBy: 1_000_000_000)
        return Duration(
            secondsComponent: Int64(seconds), attosecondsComponent: Int64(rest) * 1_000_000_000)
    }

    /// The moment that much later, or `nil` outside the range; parts of a nanosecond are dropped towards zero.
    public func advanced(by duration: Duration) -> Timestamp? {
        let parts = duration.components
        let shift = Int128(parts.seconds) * 1_000_000_000 + Int128(parts.attoseconds / 1_000_000_000)
        return Int64(exactly: Int128(nanoseconds) + shift).map(Timestamp.init(nanoseconds:))
    }

    /// Division whose remainder is never negative.
    static func floor(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Timestamp: Comparable {
    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}
