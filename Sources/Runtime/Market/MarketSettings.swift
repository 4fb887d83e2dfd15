extension Settings {
    /// Days on which the market is closed though no rule says so.
    static let marketNames = ["TORGHUT_MARKET_CLOSED_DAYS"]

    /// Days separated by commas, counted since 1970.
    static func closedDays(_ text: String, _ problems: inout [String]) -> Set<Int64> {
        var days: Set<Int64> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let day = MarketDay(part) else {
                problems.append("TORGHUT_MARKET_CLOSED_DAYS: '\(part)' is not a day like 2025-01-09")
                continue
            }
            days.insert(day.days)
        }
        return days
    }
}
