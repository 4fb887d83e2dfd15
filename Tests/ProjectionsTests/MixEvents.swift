import Core
import Domain
import TestSupport

/// Observations of orders, in the order they are appended: so many orders, each observed a few times.
struct MixEvents {
    var random: SplitMix64
    private var number: Int64 = 0

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func next(orders: Int, count: Int) throws -> [Event] {
        try (0..<count).map { _ in try event(of: Int(random.next() % UInt64(orders))) }
    }

    mutating func event(of order: Int) throws -> Event {
        number += 1
        let at = Timestamp(nanoseconds: 1_770_000_000_000_000_000 + number * 1_000_000)
        let envelope = Envelope(
            eventID: EventID(hashed: UInt64(number), random.next()), eventTime: at, ingestTime: at,
            account: try AccountLabel("paper"), symbol: try Symbol("S\(order % 97)"), seq: number,
            source: try SourceName("test"), correlation: StoryID(hashed: UInt64(order), 1))
        let status = ["new", "partially_filled", "filled"][Int(number % 3)]
        return Event(
            envelope,
            .orderEvents(
                .orderSnapshotObserved(
                    OrderSnapshotObserved(
                        order: OrderKey(clientOrderID: try ClientOrderID("order-\(order)")), observedBy: .listOrders,
                        observedAt: at, status: try BrokerWord(status), qty: 100,
                        filledQty: Amount(units: Int128(random.next() % 100_000_000_000)),
                        avgFillPrice: Amount(units: Int128(random.next() % 1_000_000_000_000)),
                        rawOrder: .emptyObject))))
    }
}
