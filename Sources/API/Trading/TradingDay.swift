internal import Core
internal import Postgres

/// Which day is asked for, and of which strategy.
struct TradingDay: Sendable {
    /// The market's own, as the original has it, and one without summer.
    static let zones = ["America/New_York", "UTC"]

    let day: String?
    let zone: String
    let strategy: String?

    init(_ call: Call) {
        day = call.text("day")
        zone = call.text("tz") ?? Self.zones[0]
        strategy = call.text("strategyId")
    }

    static let parameters = [
        Parameter("day", .day, "The day; today unless it is said."),
        Parameter("tz", .choice(zones), "Whose day; \(zones[0]) unless it is said."),
        Parameter("strategyId", .name(maximum: 128), "Of this strategy alone."),
    ]

    /// `$1` is the day, `$2` the zone, `$3` the strategy.
    var asked: Parameters {
        var parameters = Parameters()
        parameters.append(day)
        parameters.append(zone)
        parameters.append(strategy)
        return parameters
    }

    /// A relation of one row: the day, and the moments between which it lies, as the zone's clocks have it.
    static let bounds = """
        (SELECT day, (day::timestamp AT TIME ZONE $2::text) AS since,
            ((day + 1)::timestamp AT TIME ZONE $2::text) AS until, $3::text AS strategy
        FROM (SELECT coalesce($1::text::date, (now() AT TIME ZONE $2::text)::date) AS day) AS asked)
        """
}
