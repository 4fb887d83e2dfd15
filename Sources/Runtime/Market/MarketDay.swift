internal import Core

/// A date of the Gregorian calendar with its day of the week, counted in days since 1970.
struct MarketDay: Equatable {
    let days: Int64
    let year: Int
    let month: Int
    let day: Int

    /// Core reads and writes dates as text, and as nothing else.
    init(days: Int64) {
        self.days = days
        let text = Timestamp(nanoseconds: days * Self.nanoseconds).description
        let parts = text.prefix { $0 != "T" }.split(separator: "-").compactMap { Int($0) }
        precondition(parts.count == 3, "a moment is written as year, month and day")
        (year, month, day) = (parts[0], parts[1], parts[2])
    }

    /// `nil` where there is no such day.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count == 10, let moment = try? Timestamp("\(text)T00:00:00Z") else { return nil }
        self.init(days: moment.nanoseconds / Self.nanoseconds)
    }

    private static let nanoseconds: Int64 = 86_400_000_000_000

    /// Sunday is 0; the first of January 1970 was a Thursday.
    var weekday: Int { Int(((days + 4) % 7 + 7) % 7) }
    var isWeekend: Bool { weekday == 0 || weekday == 6 }

    /// Which of its weekday this is in its month: the third Monday is 3.
    var ordinal: Int { (day - 1) / 7 + 1 }

    /// Whether a week later it is another month.
    var isLastOfItsKind: Bool { MarketDay(days: days + 7).month != month }

    func isMonth(_ month: Int, _ day: Int) -> Bool { self.month == month && self.day == day }
}
