import Bus
import Core
import Domain
import Wire

/// Observations of orders, eight of each, of so many open at once: about 500 bytes each.
struct MixLog {
    static let openOrders = 20_000
    private var random: UInt64
    private var number: Int64 = 0
    private var encoder = EventEncoder()

    init(seed: UInt64 = 1) { random = 0x9E37_79B9_7F4A_7C15 &* seed }

    mutating func records(_ count: Int) throws -> [NewRecord] {
        try (0..<count).map { _ in
            var record = encoder.record(try event())
            record.headers = []
            return record
        }
    }

    private mutating func event() throws -> Event {
        number += 1
        let order = number / 8 + Int64(next() % UInt64(Self.openOrders))
        let at = Timestamp(nanoseconds: 1_770_000_000_000_000_000 + number * 1_000_000)
        let envelope = Envelope(
            eventID: EventID(hashed: UInt64(number), next()), eventTime: at, ingestTime: at,
            account: try AccountLabel("paper"), symbol: try Symbol("S\(order % 997)"), seq: number,
            source: try SourceName("bench"), correlation: StoryID(hashed: UInt64(order), 1))
        let status = ["new", "partially_filled", "filled"][Int(number % 3)]
        return Event(
            envelope,
            .orderEvents(
                .orderSnapshotObserved(
                    OrderSnapshotObserved(
                        order: OrderKey(clientOrderID: try ClientOrderID("order-\(order)")), observedBy: .listOrders,
                        observedAt: at, status: try BrokerWord(status), qty: 100,
                        filledQty: Amount(units: Int128(next() % 100_000_000_000)),
                        avgFillPrice: Amount(units: Int128(next() % 1_000_000) * 1_000_000), rawOrder: .emptyObject))))
    }

    private mutating func next() -> UInt64 {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return random
    }

    /// A journal that holds so many of them, and every topic of the house.
    static func journal(_ path: String, events: Int) async throws -> JournalLog {
        let log = JournalLog(path)
        try await log.create(TopicCatalog.specs)
        let writer = try await log.writer(named: "bench")
        var mix = MixLog()
        var written = 0
        while written < events {
            let count = min(5_000, events - written)
            try await writer.append(Append(try mix.records(count)))
            written += count
        }
        return log
    }
}
