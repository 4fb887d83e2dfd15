import Core
import Domain
import TestSupport

/// Events with the most hostile values that an event may have.
struct EveryEvents {
    var random: SplitMix64
    private(set) var made: [UInt64: DiscrepancyFound] = [:]
    private(set) var times: [UInt64: Timestamp] = [:]
    private var number: UInt64 = 0

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func amount() -> Amount {
        switch random.next() % 8 {
        case 0: return .maximum
        case 1: return .minimum
        case 2: return Amount(units: Int128(random.next() % 3) - 1)
        default:
            var units = Int128(bitPattern: UInt128(random.next()) << 64 | UInt128(random.next()))
            units >>= Int128(random.next() % 127)
            for _ in 0..<random.next() % 20 { units = units / 10 &* 10 }
            return Amount(units: units)
        }
    }

    mutating func prose() throws -> Prose {
        let pieces = ["a", "\u{1}", "\u{7F}", "'", "\\", "\"", "\n", "\r", "\t", "é", "\u{10FFFF}", "\u{FFFF}", "\u{FEFF}",
            "😀", "\\N", "\\.", "{}", "%s", "NULL", "\u{202E}", "e\u{301}", "$1", ";--"]
        let length = random.next() % 4 == 0 ? 4096 : Int(random.next() % 30) + 1
        var text = ""
        while text.utf8.count < length { text += pieces[Int(random.next() % UInt64(pieces.count))] }
        while text.utf8.count > Prose.maximumBytes { text.unicodeScalars.removeLast() }
        return try Prose(text)
    }

    mutating func evidence() -> CompactJSON? {
        let texts = [
            #"{"a":1e999,"a":-0.0,"a":1}"#, #"["\u0000","\ud800","\uffff"]"#, #"123456789012345678901234567890.10"#,
            #""""#, "false", #"{"\"":"\\","é":"😀"}"#, "[[[[[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]]]]]",
        ]
        let choice = Int(random.next() % UInt64(texts.count + 1))
        return choice == texts.count ? nil : CompactJSON(trusted: Array(texts[choice].utf8))
    }

    mutating func next(detectedBy: String = "test", of order: Int = 1) throws -> Event {
        number += 1
        let edges = [Int64.min, .min + 999, -1, 0, 1, 999, 1_770_000_000_123_456_789, .max]
        let nanoseconds = edges[Int(random.next() % UInt64(edges.count))]
        let at = Timestamp(nanoseconds: nanoseconds)
        let found = DiscrepancyFound(
            discrepancyID: EventID(hashed: number, 7), kind: DiscrepancyKind.allCases[0], severity: Severity.allCases[0],
            order: OrderKey(clientOrderID: try ClientOrderID("order-\(order)")), expected: try prose(),
            observed: try prose(), difference: random.next() % 4 == 0 ? nil : amount(),
            detectedBy: try Code(detectedBy), evidence: evidence())
        made[number] = found
        times[number] = at
        let envelope = Envelope(
            eventID: EventID(hashed: number, 8), eventTime: at, ingestTime: at, account: try AccountLabel("paper"),
            symbol: try Symbol("S\(order % 97)"), seq: Int64(number), source: try SourceName("test"),
            correlation: StoryID(hashed: number, 9))
        return Event(envelope, .orderEvents(.discrepancyFound(found)))
    }
}
