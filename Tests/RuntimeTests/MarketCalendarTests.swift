import Core
import Domain
import Telemetry
import TestSupport
import Testing

@testable import Runtime

@Suite struct `The market's session` {
    private static func day(_ text: String) throws -> MarketDay { try #require(MarketDay(text)) }

    private static func isOpen(_ moment: String, _ calendar: MarketCalendar = MarketCalendar()) throws -> Bool? {
        calendar.isOpen(at: try Timestamp(moment))
    }

    /// As the exchange announced them.
    private static let announced: [Int: [String]] = [
        2022: ["01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26"],
        2023: ["01-02", "01-16", "02-20", "04-07", "05-29", "06-19", "07-04", "09-04", "11-23", "12-25"],
        2024: ["01-01", "01-15", "02-19", "03-29", "05-27", "06-19", "07-04", "09-02", "11-28", "12-25"],
        2025: ["01-01", "01-20", "02-17", "04-18", "05-26", "06-19", "07-04", "09-01", "11-27", "12-25"],
        2026: ["01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"],
        2027: ["01-01", "01-18", "02-15", "03-26", "05-31", "06-18", "07-05", "09-06", "11-25", "12-24"],
        2028: ["01-17", "02-21", "04-14", "05-29", "06-19", "07-04", "09-04", "11-23", "12-25"],
    ]
    private static let shortDays: [Int: [String]] = [
        2022: ["11-25"], 2023: ["07-03", "11-24"], 2024: ["07-03", "11-29", "12-24"],
        2025: ["07-03", "11-28", "12-24"], 2026: ["11-27", "12-24"], 2027: ["11-26"], 2028: ["07-03", "11-24"],
    ]

    @Test(arguments: announced.keys.sorted())
    func `is closed on the holidays that were announced for a year, short on its short days, and open else`(
        year: Int
    ) throws {
        let calendar = MarketCalendar()
        var (closed, short): ([String], [String]) = ([], [])
        let first = try Self.day("\(year)-01-01").days
        for days in first..<(try Self.day("\(year + 1)-01-01").days) {
            let day = MarketDay(days: days)
            let name = String(Timestamp(nanoseconds: days * 86_400_000_000_000).description.dropFirst(5).prefix(5))
            switch calendar.session(on: day) {
            case .closed: if !day.isWeekend { closed.append(name) }
            case .open(_, MarketCalendar.closesEarly): short.append(name)
            case .open(let from, let until): #expect(from == 570 && until == 960)
            case nil: Issue.record("nothing is said of \(year)-\(name)")
            }
        }
        #expect(closed == Self.announced[year])
        #expect(short == Self.shortDays[year])
    }

    @Test(arguments: [
        // Winter, and the first second of each end.
        ("2026-02-12T14:29:59Z", false), ("2026-02-12T14:30:00Z", true), ("2026-02-12T20:59:59.999999999Z", true),
        ("2026-02-12T21:00:00Z", false),
        // Summer.
        ("2026-07-15T13:29:59Z", false), ("2026-07-15T13:30:00Z", true), ("2026-07-15T20:00:00Z", false),
        // The Friday before summer time, and the Monday after; the same in autumn.
        ("2026-03-06T13:45:00Z", false), ("2026-03-09T13:45:00Z", true), ("2026-10-30T13:45:00Z", true),
        ("2026-11-02T13:45:00Z", false), ("2026-11-02T14:45:00Z", true),
        // March and November whose first day is the Sunday.
        ("2026-11-03T20:30:00Z", true), ("2026-03-02T20:30:00Z", true),
        // A short day ends at one, a holiday and a Saturday are none.
        ("2026-11-27T17:59:59Z", true), ("2026-11-27T18:00:00Z", false), ("2026-07-03T15:00:00Z", false),
        ("2026-02-14T15:00:00Z", false),
    ])
    func `is open by the clocks of New York`(moment: String, isOpen: Bool) throws {
        #expect(try Self.isOpen(moment) == isOpen)
    }

    @Test func `is not known before its rules were`() throws {
        #expect(try Self.isOpen("2021-12-31T15:00:00Z") == nil)
        #expect(try Self.isOpen("1969-07-21T15:00:00Z") == nil)
        #expect(try Self.isOpen("2022-01-03T15:00:00Z") == true)
    }

    @Test func `is closed on a day that was named, and a day that is none is refused`() throws {
        let named = try Settings(
            log: "journal:nowhere", environment: ["TORGHUT_MARKET_CLOSED_DAYS": "2025-01-09,2026-02-12"])
        #expect(try Self.isOpen("2025-01-09T15:00:00Z", named.calendar) == false)
        #expect(try Self.isOpen("2025-01-09T15:00:00Z") == true)
        for wrong in ["2025-02-30", "tomorrow", "2025-01-09,,", "2025-1-9"] {
            let problems = #expect(throws: SettingsProblems.self) {
                try Settings(log: "journal:nowhere", environment: ["TORGHUT_MARKET_CLOSED_DAYS": wrong])
            }
            #expect(problems?.problems.first?.hasPrefix("TORGHUT_MARKET_CLOSED_DAYS: '") == true)
        }
    }

    @Test func `is told at each scrape by the clock of the house`() throws {
        let (registry, clock) = (Registry(), SetClock())
        MarketMetrics(in: registry).follow(MarketCalendar(), clock, in: registry)
        func says(_ value: String) -> Bool {
            registry.render().contains("torghut_market_session_open{calendar=\"us_equity\"} \(value)\n")
        }
        for (moment, value) in [
            ("2026-02-12T14:29:59Z", "0"), ("2026-02-12T14:30:00Z", "1"), ("2026-02-12T21:00:00Z", "0"),
            ("2020-02-12T15:00:00Z", "NaN"),
        ] {
            clock.set(try Timestamp(moment))
            #expect(says(value), "\(moment)")
        }
    }
}
