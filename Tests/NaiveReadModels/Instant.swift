internal import Core

/// A time as a `timestamptz` keeps it: whole microseconds since 1970, rounded down.
struct Instant: Hashable, Comparable {
    let microseconds: Int64

    init(_ time: Timestamp) {
        let whole = time.nanoseconds / 1_000
        microseconds = time.nanoseconds % 1_000 < 0 ? whole - 1 : whole
    }

    static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }

    /// What the microseconds leave out, 0 to 999.
    static func rest(of time: Timestamp) -> Int64 { ((time.nanoseconds % 1_000) + 1_000) % 1_000 }

    /// As Postgres shows it in UTC: no zeros at the end of the fraction.
    var shown: String {
        let day = (microseconds - mod(microseconds, 86_400_000_000)) / 86_400_000_000
        let time = mod(microseconds, 86_400_000_000)
        let (year, month, dayOfMonth) = civil(day)
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2)) "
        let second = time / 1_000_000
        text += "\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        var fraction = padded(time % 1_000_000, 6)
        while fraction.last == "0" { fraction.removeLast() }
        return text + (fraction.isEmpty ? "" : ".\(fraction)") + "+00"
    }

    /// The date so many days after 1970-01-01, found by walking the years and months.
    private func civil(_ day: Int64) -> (Int64, Int64, Int64) {
        var (year, rest) = (Int64(1970), day)
        func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
        while rest < 0 {
            year -= 1
            rest += isLeap(year) ? 366 : 365
        }
        while rest >= (isLeap(year) ? 366 : 365) {
            rest -= isLeap(year) ? 366 : 365
            year += 1
        }
        let lengths: [Int64] = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var month = 0
        while rest >= lengths[month] {
            rest -= lengths[month]
            month += 1
        }
        return (year, Int64(month) + 1, rest + 1)
    }

    private func mod(_ number: Int64, _ divisor: Int64) -> Int64 { ((number % divisor) + divisor) % divisor }

    private func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
