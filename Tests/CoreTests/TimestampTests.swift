import Foundation
import TestSupport
import Testing

@testable import Core

@Suite struct `Moments` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0),
            ("1970-01-01t00:00:00z", "1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00-00:00", "1970-01-01T00:00:00Z", 0),
            ("2024-02-29T23:59:59.999999999Z", "2024-02-29T23:59:59.999999999Z", 1_709_251_199_999_999_999),
            ("2024-01-01T01:30:00.500+02:00", "2023-12-31T23:30:00.5Z", 1_704_065_400_500_000_000),
            ("2024-01-01T00:00:00.120000Z", "2024-01-01T00:00:00.12Z", 1_704_067_200_120_000_000),
            ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z", -1),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", 1_483_228_800_000_000_000),
            ("2017-01-01T00:59:60.25+01:00", "2017-01-01T00:00:00.25Z", 1_483_228_800_250_000_000),
            ("1677-09-21T00:12:43.145224192Z", "1677-09-21T00:12:43.145224192Z", Int64.min),
            ("2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z", Int64.max),
        ] as [(String, String, Int64)])
    func `one moment has many spellings and one canonical text`(text: String, canonical: String, nanoseconds: Int64)
        throws
    {
        let moment = try Timestamp(text)
        #expect(moment.nanoseconds == nanoseconds)
        #expect(moment.description == canonical)
    }

    @Test(
        arguments: [
            ("", .malformed(at: 0)), ("2024", .malformed(at: 4)), ("2024-01-01", .malformed(at: 10)),
            ("2024-01-01 00:00:00Z", .malformed(at: 10)), ("2024-01-01T00:00Z", .malformed(at: 16)),
            ("2024-1-01T00:00:00Z", .malformed(at: 6)), ("24-01-01T00:00:00Z", .malformed(at: 2)),
            ("+2024-01-01T00:00:00Z", .malformed(at: 0)), ("2024-01-01T00:00:00", .missingZone),
            ("2024-01-01T00:00:00.5", .missingZone), ("2024-01-01T00:00:00.Z", .malformed(at: 20)),
            ("2024-01-01T00:00:00,5Z", .malformed(at: 19)), ("2024-01-01T00:00:00Zx", .malformed(at: 20)),
            ("2024-01-01T00:00:00+0200", .malformed(at: 22)), ("2024-01-01T00:00:00+02", .malformed(at: 22)),
            ("2024-00-01T00:00:00Z", .outOfRange(.month)), ("2024-13-01T00:00:00Z", .outOfRange(.month)),
            ("2024-01-00T00:00:00Z", .outOfRange(.day)), ("2023-02-29T00:00:00Z", .outOfRange(.day)),
            ("1900-02-29T00:00:00Z", .outOfRange(.day)), ("2024-04-31T00:00:00Z", .outOfRange(.day)),
            ("2024-01-01T24:00:00Z", .outOfRange(.hour)), ("2024-01-01T00:60:00Z", .outOfRange(.minute)),
            ("2024-01-01T00:00:61Z", .outOfRange(.second)), ("2024-01-01T00:00:00+24:00", .outOfRange(.zone)),
            ("2024-01-01T00:00:00+02:60", .outOfRange(.zone)), ("2024-01-01T00:00:60Z", .misplacedLeapSecond),
            ("2016-12-30T23:59:60Z", .misplacedLeapSecond), ("2016-12-31T23:59:60+01:00", .misplacedLeapSecond),
            ("2024-01-01T00:00:00.1234567891Z", .tooPrecise(allowed: 9)),
            ("2024-01-01T00:00:00.0000000000Z", .tooPrecise(allowed: 9)),
            ("1677-09-21T00:12:43.145224191Z", .unrepresentable), ("2262-04-11T23:47:16.854775808Z", .unrepresentable),
            ("0000-01-01T00:00:00Z", .unrepresentable), ("9999-12-31T23:59:59Z", .unrepresentable),
        ] as [(String, Timestamp.TextFault)])
    func `a text that is no moment is refused with the reason`(text: String, fault: Timestamp.TextFault) {
        #expect(throws: fault) { () throws(Timestamp.TextFault) in try Timestamp(text) }
    }

    @Test func `the system's own date tool reads the same moment, in any zone`() throws {
        var texts: [String] = []
        var moments: [Timestamp] = []
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            for _ in 0..<3 {
                let text = anyText(&generator)
                texts.append(text)
                moments.append(try Timestamp(text))
            }
        }
        let read = try Judge.run("date", ["-u", "-f", "-", "+%s %N"], input: Data(texts.joined(separator: "\n").utf8))
        #expect(read.status == 0, "\(read.errors)")
        try #require(read.lines.count == texts.count)
        for (index, line) in read.lines.enumerated() {
            let (seconds, fraction) = Timestamp.floor(moments[index].nanoseconds, by: 1_000_000_000)
            let digits = String(repeating: "0", count: 9 - "\(fraction)".count) + "\(fraction)"
            #expect(line == "\(seconds) \(digits)", "\(texts[index])")
        }
        let canonical = moments.map(\.description).joined(separator: "\n")
        let again = try Judge.run("date", ["-u", "-f", "-", "+%s %N"], input: Data(canonical.utf8))
        #expect(again.output == read.output)
    }

    @Test func `Foundation reads every canonical text as the same second`() throws {
        let formatter = ISO8601DateFormatter()
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let seconds = Int64.random(in: -9_000_000_000...9_000_000_000, using: &generator)
            let moment = Timestamp(nanoseconds: seconds * 1_000_000_000)
            let read = try #require(formatter.date(from: moment.description), "seed \(seed)")
            #expect(Int64(read.timeIntervalSince1970) == seconds, "seed \(seed)")
            #expect(formatter.string(from: read) == moment.description, "seed \(seed)")
        }
    }

    @Test func `any moment survives its own text, also inside a larger buffer`() throws {
        for seed in 0..<200 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let moment = Timestamp(
                nanoseconds: Int64.random(in: .min ... .max, using: &generator)
                    >> Int64.random(in: 0...63, using: &generator))
            var buffer = Array("12".utf8)
            moment.write(to: &buffer)
            let text = unsafe buffer.span.bytes.extracting(2..<buffer.count)
            #expect(try Timestamp(utf8: text) == moment, "seed \(seed)")
        }
    }

    @Test func `each day follows the one before by the calendar's rules`() {
        var expected = CivilDate(year: 1677, month: 1, day: 1)
        for days in expected.days...CivilDate(year: 2262, month: 12, day: 31).days {
            let date = CivilDate(days: days)
            guard date == expected, date.days == days else {
                Issue.record("day \(days) is \(date), and should be \(expected)")
                return
            }
            let isLastOfMonth = date.day == CivilDate.daysIn(month: date.month, of: date.year)
            let isLastOfYear = isLastOfMonth && date.month == 12
            expected = CivilDate(
                year: isLastOfYear ? date.year + 1 : date.year,
                month: isLastOfYear ? 1 : isLastOfMonth ? date.month + 1 : date.month,
                day: isLastOfMonth ? 1 : date.day + 1)
        }
    }

    @Test func `milliseconds round towards the past, and those out of range are refused`() throws {
        #expect(Timestamp(nanoseconds: 1_999_999).milliseconds == 1)
        #expect(Timestamp(nanoseconds: -1).milliseconds == -1)
        #expect(Timestamp(milliseconds: -1)?.nanoseconds == -1_000_000)
        #expect(Timestamp(milliseconds: 1_704_067_200_123)?.description == "2024-01-01T00:00:00.123Z")
        #expect(Timestamp(milliseconds: .max) == nil)
        #expect(Timestamp(milliseconds: .min) == nil)
        #expect(Timestamp(milliseconds: Timestamp.latest.milliseconds) != nil)
    }

    @Test func `distances are exact from end to end, and steps that leave the range are refused`() {
        let span = Timestamp.latest.since(.earliest)
        #expect(Timestamp.earliest.advanced(by: span) == .latest)
        #expect(Timestamp.latest.advanced(by: .zero - span) == .earliest)
        #expect(Timestamp.latest.advanced(by: .nanoseconds(1)) == nil)
        #expect(Timestamp.epoch.advanced(by: .nanoseconds(-1))?.nanoseconds == -1)
        #expect(Timestamp.epoch.since(Timestamp(nanoseconds: 5)) == .nanoseconds(-5))
    }

    private func anyText(_ generator: inout SplitMix64) -> String {
        func number(_ range: ClosedRange<Int>, width: Int = 2) -> String {
            let digits = "\(Int.random(in: range, using: &generator))"
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        var text = "\(number(1680...2260, width: 4))-\(number(1...12))-\(number(1...28))T"
        text += "\(number(0...23)):\(number(0...59)):\(number(0...59))"
        let digits = Int.random(in: 0...9, using: &generator)
        if digits > 0 { text += "." + (0..<digits).map { _ in number(0...9, width: 1) }.joined() }
        switch Int.random(in: 0...2, using: &generator) {
        case 0: text += "Z"
        case 1: text += "+\(number(0...14)):\(number(0...59))"
        default: text += "-\(number(0...12)):\(number(0...59))"
        }
        return text
    }
}
