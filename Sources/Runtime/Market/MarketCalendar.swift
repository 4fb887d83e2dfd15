internal import Core

/// When shares are traded in the United States: the regular session of the New York exchanges, by their rules.
///
/// The rules are those since 2022, when Juneteenth became a holiday; of earlier moments nothing is said. Days that
/// are closed for a cause (a day of mourning, a storm) follow no rule, and are named by whoever runs us.
struct MarketCalendar: Sendable {
    enum Session: Equatable {
        case closed
        /// Minutes of the day in New York, the end excluded.
        case open(from: Int, until: Int)
    }

    static let firstYear = 2022
    static let opens = 9 * 60 + 30
    static let closes = 16 * 60
    static let closesEarly = 13 * 60

    /// Further days without a session, counted since 1970.
    var closedDays: Set<Int64> = []

    /// Whether it is open now; `nil` of a moment of which the rules say nothing.
    func isOpen(at moment: Timestamp) -> Bool? {
        let (seconds, _) = Self.floor(moment.nanoseconds, by: 1_000_000_000)
        let (days, second) = Self.floor(seconds - Self.behind(seconds), by: 86_400)
        guard let session = session(on: MarketDay(days: days)) else { return nil }
        guard case .open(let from, let until) = session else { return false }
        return (from * 60..<until * 60).contains(Int(second))
    }

    /// The session of a day in New York.
    func session(on day: MarketDay) -> Session? {
        guard day.year >= Self.firstYear else { return nil }
        if day.isWeekend || closedDays.contains(day.days) || Self.isHoliday(day) { return .closed }
        return .open(from: Self.opens, until: Self.isShort(day) ? Self.closesEarly : Self.closes)
    }

    /// Seconds that New York is behind UTC: in summer four hours, from two o'clock of the second Sunday in March until two
    /// o'clock of the first one in November, each by the clocks that went until then.
    private static func behind(_ seconds: Int64) -> Int64 {
        let (winter, summer): (Int64, Int64) = (5 * 3_600, 4 * 3_600)
        let (days, second) = floor(seconds - winter, by: 86_400)
        let day = MarketDay(days: days)
        // The Sunday that a month's change of clocks falls on: the day's own Sunday, counted in its month.
        let sunday = day.day - day.weekday
        let isSunday = day.weekday == 0
        switch day.month {
        case 4...10: return summer
        case 3:
            let isChange = isSunday && (8...14).contains(day.day)
            return isChange ? (second >= 2 * 3_600 ? summer : winter) : sunday >= 8 ? summer : winter
        case 11:
            // Two o'clock in summer is one o'clock in winter.
            let isChange = isSunday && day.day <= 7
            return isChange ? (second < 3_600 ? summer : winter) : sunday >= 1 ? winter : summer
        default: return winter
        }
    }

    /// A holiday on a Sunday is kept on Monday, one on a Saturday on Friday; New Year's Day on a Saturday is not kept,
    /// because the last day of the year is for the books.
    static func isHoliday(_ day: MarketDay) -> Bool {
        let isMonday = day.weekday == 1
        switch day.month {
        case 1: return day.day == 1 || (isMonday && (day.day == 2 || day.ordinal == 3))
        case 2: return isMonday && day.ordinal == 3
        case 3, 4: return day.days == easter(of: day.year) - 2
        case 5: return isMonday && day.isLastOfItsKind
        case 6: return isKept(day, 19)
        case 7: return isKept(day, 4)
        case 9: return isMonday && day.ordinal == 1
        case 11: return day.weekday == 4 && day.ordinal == 4
        case 12: return isKept(day, 25)
        default: return false
        }
    }

    private static func isKept(_ day: MarketDay, _ date: Int) -> Bool {
        switch day.weekday {
        case 1: day.day == date || day.day == date + 1
        case 5: day.day == date || day.day == date - 1
        default: day.day == date
        }
    }

    /// The day after Thanksgiving, and the days before Independence Day and Christmas where those are days of the week.
    static func isShort(_ day: MarketDay) -> Bool {
        let isBeforeWeekday = (1...4).contains(day.weekday)
        if day.isMonth(7, 3) || day.isMonth(12, 24) { return isBeforeWeekday }
        guard day.month == 11, day.weekday == 5 else { return false }
        return isHoliday(MarketDay(days: day.days - 1))
    }

    /// Easter Sunday, in days since 1970 (the Gregorian computus in the form of Meeus, Jones and Butcher).
    static func easter(of year: Int) -> Int64 {
        let (golden, century, rest) = (year % 19, year / 100, year % 100)
        let correction = (century - (century + 8) / 25 + 1) / 3
        let epact = (19 * golden + century - century / 4 - correction + 15) % 30
        let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7
        let shift = (golden + 11 * epact + 22 * weekday) / 451
        let place = epact + weekday - 7 * shift + 114
        let text = "\(year)-0\(place / 31)-\(place % 31 + 1 < 10 ? "0" : "")\(place % 31 + 1)"
        guard let day = MarketDay(text) else { preconditionFailure("Easter is in March or April: \(text)") }
        return day.days
    }

    private static func floor(_ number: Int64, by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let rest = number % divisor
        return rest < 0 ? (number / divisor - 1, rest + divisor) : (number / divisor, rest)
    }
}
