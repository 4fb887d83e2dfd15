import Bus
import Commands
import Core
import Domain
import Foundation
import TestSupport
import Wire

/// Knowing the log again: from nothing, and from a snapshot.
enum RefoldSpeed {
    /// Orders of one day, and days: what is older than a day is forgotten, as in life.
    private static let orders = 125_000
    private static let days = 12
    private static let tailOrders = 140

    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("refold")
        let bench = CommandsBench()
        let log = JournalLog("\(scratch.path)/journal")
        try await log.create(TopicCatalog.specs)
        let writer = try await log.writer(named: "bench")
        try await tell(day: 0, orders: orders, to: writer)
        var rounds: [CommandsClock.Seen] = []
        for round in 0..<3 {
            rounds.append(try await bench.run(log, "\(scratch.path)/refold-\(round)") { $0.readyAt != nil })
        }
        let seen = rounds.sorted { $0.took < $1.took }[1]
        table.add(
            .figure(
                "refold of \(Row.grouped(seen.records)) events without a snapshot, beside 1,000,000 a second",
                Double(seen.records) / seen.took.seconds, text: Row.perSecond(seen.records, seen.took),
                beside: 1_000_000, floor: "1,000,000/s"))
        for day in 1..<days { try await tell(day: day, orders: orders, to: writer) }
        try await restart(log, scratch, bench, writer, into: &table)
        await log.close()
        try scratch.remove()
    }

    private static func restart(
        _ log: JournalLog, _ scratch: Scratch, _ bench: CommandsBench, _ writer: any EventWriter,
        into table: inout Table
    ) async throws {
        let folder = "\(scratch.path)/snapshots"
        let whole = try await bench.run(log, folder) { $0.readyAt != nil }
        var rounds: [Duration] = []
        for round in 0..<5 {
            try await tell(day: days + round, orders: tailOrders, to: writer)
            let start = ContinuousClock.now
            let seen = try await bench.run(log, folder) { $0.readyAt != nil }
            precondition(seen.fromSnapshot, "the snapshot holds")
            if let ready = seen.readyAt { rounds.append(ready - start) }
        }
        let took = rounds.sorted()[2]
        table.add(
            Row(
                name: "restart with a snapshot, \(Row.grouped(whole.records)) events behind it, beside two seconds",
                ours: "\(Int(took.seconds * 1_000)) ms", floor: "2000 ms", ratio: took.seconds / 2,
                target: .atMost(1)))
        table.add(
            Row(
                name: "… and the same log without one", ours: "\(Int(whole.took.seconds * 1_000)) ms",
                floor: Row.perSecond(whole.records, whole.took), ratio: whole.took.seconds, target: .none))
    }

    /// The lives of orders without their decisions, which the state does not need, and an account that is read now
    /// and then.
    private static func tell(day: Int, orders: Int, to writer: any EventWriter) async throws {
        var encoder = EventEncoder()
        var records: [NewRecord] = []
        var told = 0
        let stories = StoryTeller(
            StoryTeller.Settings(seed: UInt64(1 + day), orders: orders, symbols: 500, accounts: 1, isPlain: true))
        let later = Duration.seconds(2 * 86_400) * day
        for var event in stories {
            if case .decisions = event.content { continue }
            event.envelope.eventTime = event.envelope.eventTime.advanced(by: later) ?? .latest
            event.envelope.ingestTime = event.envelope.ingestTime.advanced(by: later) ?? .latest
            records.append(encoder.record(event))
            told += 1
            if told % 20_000 == 0 { records.append(encoder.record(account(at: event.envelope.ingestTime))) }
            if records.count >= 5_000 { try await append(&records, to: writer) }
        }
        try await append(&records, to: writer)
    }

    private static func account(at moment: Timestamp) -> Event {
        let money = Amount(1_000_000_000)
        return Event(
            Envelope(
                eventID: EventID(hashed: UInt64(bitPattern: moment.nanoseconds), 3), eventTime: moment,
                ingestTime: moment, account: CommandsBench.account, source: SourceName(trusted: "ingest"),
                correlation: StoryID(hashed: 3, 3)),
            .account(
                .accountSnapshotObserved(
                    AccountSnapshotObserved(
                        asOf: moment, tradingMode: .paper, currency: Label(trusted: "USD"), equity: money, cash: money,
                        buyingPower: money, tradingBlocked: false, accountBlocked: false,
                        status: BrokerWord(trusted: "ACTIVE"), positions: [], complete: true))))
    }

    private static func append(_ records: inout [NewRecord], to writer: any EventWriter) async throws {
        for index in records.indices { records[index].headers = [] }
        if !records.isEmpty { _ = try await writer.append(Append(records)) }
        records.removeAll(keepingCapacity: true)
    }
}
