import Core
import Domain
import Glibc
import JSON
import Runtime
import Wire

/// Finds everything that the log has of an order, by any of its ids.
///
/// Events name an order by our id, by the broker's, or by both; so the log is read again as long as a reading brings
/// ids that were not known before.
struct OrderSearch {
    struct Found {
        let position: RecordPosition
        let value: [UInt8]
        let names: OrderNames
        /// `nil` when this program does not know its type.
        let event: Event?
    }

    struct TooMany: Error, CustomStringConvertible {
        var description: String { "more than \(maximumEvents) events name this id; narrow it with --account" }
    }

    static let maximumEvents = 20_000
    /// Ours and the broker's id name one another at once; a chain that is longer than this is none.
    private static let maximumPasses = 4

    static let topics = [
        TopicCatalog.decisions, TopicCatalog.orderIntents, TopicCatalog.route, TopicCatalog.orderEvents,
    ]

    let log: any EventLog
    let account: String?

    /// The orders that have this id, each with its events in the order they were written.
    func orders(named id: String) async throws -> [(order: NamedOrder, events: [Found])] {
        var orders: [NamedOrder] = []
        var needles: Set<String> = [id]
        for _ in 0..<Self.maximumPasses {
            let found = try await read(needles)
            orders = Self.orders(in: found, named: id)
            let more = orders.reduce(into: needles) { $0.formUnion($1.needles) }
            guard more != needles else {
                return orders.map { order in (order, found.filter { order.isMeant(by: $0.names) }) }
            }
            needles = more
        }
        throw TooMany()
    }

    /// Ids that one event says together are one order's; of those orders, the ones that have the id asked for.
    private static func orders(in found: [Found], named id: String) -> [NamedOrder] {
        var orders: [NamedOrder] = []
        for found in found {
            for pair in found.names.pairs {
                var joined = NamedOrder(account: found.names.account)
                joined.add(pair)
                if pair == found.names.pairs.first, let decision = found.names.decision {
                    joined.decisions.insert(decision)
                }
                // One client order id may have named several of the broker's orders: then the broker's ids tell them
                // apart, and they are shown together, because the log cannot say which was meant.
                orders.removeAll { other in
                    guard other.account == joined.account, other.isMeant(by: pair) else { return false }
                    joined.add(other)
                    return true
                }
                orders.append(joined)
            }
        }
        return orders.filter { $0.clients.contains(id) || $0.brokers.contains(id) || $0.decisions.contains(id) }
            .sorted { ($0.account, $0.clients.min() ?? "") < ($1.account, $1.clients.min() ?? "") }
    }

    private func read(_ needles: Set<String>) async throws -> [Found] {
        let present = Set(try await log.describe().map(\.name))
        let names = Self.topics.map(\.name).filter(present.contains)
        let bounds = try await log.bounds(of: try await TopicChoice.partitions(names, of: log))
        let needles = needles.map { Array($0.utf8) }
        var found: [Found] = []
        var parser = JSONParser()
        var decoder = EventDecoder()
        try await Sweep(log, bounds).run("looking for the order") { batch in
            for entry in batch.entries {
                guard let value = batch.bytes(of: entry.value), Self.names(any: needles, in: value),
                    found.count <= Self.maximumEvents
                else { continue }
                take(value, at: RecordPosition(batch.source(of: entry), entry.offset), &parser, &decoder, &found)
            }
        }
        guard found.count <= Self.maximumEvents else { throw TooMany() }
        return found.sorted { left, right in
            (left.event?.envelope.ingestTime ?? .earliest, left.position)
                < (right.event?.envelope.ingestTime ?? .earliest, right.position)
        }
    }

    private func take(
        _ value: RawSpan, at position: RecordPosition, _ parser: inout JSONParser, _ decoder: inout EventDecoder,
        _ found: inout [Found]
    ) {
        let bytes = unsafe value.withUnsafeBytes { unsafe Array($0) }
        let names: OrderNames?
        // A record that is no JSON is on the quarantine's list, and says nothing here.
        do { names = OrderNames(try parser.parse(value)) } catch { return }
        guard let names, account.map({ $0 == names.account }) ?? true else { return }
        var event: Event?
        do {
            if case .event(let decoded) = try decoder.decode(value) { event = decoded }
        } catch { event = nil }
        found.append(Found(position: position, value: bytes, names: names, event: event))
    }

    /// Whether any of these texts stands in the bytes: most records are another order's, and are not looked into.
    private static func names(any needles: [[UInt8]], in value: RawSpan) -> Bool {
        // Safe: lent for the call only.
        unsafe value.withUnsafeBytes { bytes in needles.contains { unsafe contains(bytes, $0) } }
    }

    private static func contains(_ bytes: UnsafeRawBufferPointer, _ needle: [UInt8]) -> Bool {
        guard let first = needle.first else { return true }
        var place = 0
        while place + needle.count <= bytes.count {
            // Safe: both stay inside the buffer, by the condition above.
            let start = unsafe bytes.baseAddress.map { unsafe $0 + place }
            guard let start = unsafe start, let hit = unsafe memchr(start, Int32(first), bytes.count - place) else {
                return false
            }
            place += unsafe UnsafeRawPointer(hit) - start
            guard place + needle.count <= bytes.count else { return false }
            if unsafe memcmp(hit, needle, needle.count) == 0 { return true }
            place += 1
        }
        return false
    }
}
