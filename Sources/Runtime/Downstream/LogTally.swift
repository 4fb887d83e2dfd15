internal import Core
internal import JSON

/// What partitions of the log hold at one moment: how many records, how many different events, and the last of them.
///
/// Counted by reading, because offsets have holes and producers say things twice.
struct LogTally: Sendable {
    /// One partition, from the first offset that was looked at to the end as it was then.
    struct Held: Sendable, Equatable {
        var bounds: Bounds
        var records: Int64 = 0
        var lastAt: Timestamp?
    }

    /// Of one topic, up to the moment that was named: what somebody who keeps each event once has to have.
    struct Settled: Sendable, Equatable {
        /// Each event once, and what is no event each time.
        var distinct: Int64 = 0
        /// Of these, said again after the moment: whoever keeps the later record shows it later.
        var repeatedLater: Int64 = 0
        /// When the last of them was written.
        var lastAt: Timestamp?
    }

    /// Without a word of the log for so long it is given up.
    static let stall: Duration = .seconds(30)
    /// A tail is looked for in so many offsets, then in sixteen times as many: most of them may be holes.
    static let firstTail: Int64 = 64

    private(set) var held: [TopicPartition: Held]
    private(set) var settled = Settled()
    /// Of the records with a value, settled or not.
    private(set) var lastValueAt: Timestamp?
    /// Events that were seen, and whether before the moment.
    private var seen: [UInt128: Bool] = [:]
    private var moment: Timestamp?
    private var eachRecord = false

    /// The last record of each partition alone.
    static func tails(of sources: [TopicPartition], in log: any EventLog) async throws -> LogTally {
        let bounds = try await log.bounds(of: sources)
        var tally = LogTally(held: bounds.mapValues { Held(bounds: $0) }, moment: nil)
        var span = firstTail
        var open = bounds
        while !open.isEmpty {
            try await tally.read(log, from: open.mapValues { max($0.begin, $0.end - span) })
            open = open.filter { source, bounds in
                tally.held[source]?.lastAt == nil && bounds.end - span > bounds.begin
            }
            span *= 16
        }
        return tally
    }

    /// All events of one topic that lie in the last `span` offsets of each partition; with `eachRecord` those that were
    /// written elsewhere, where an id means something else.
    static func events(
        of sources: [TopicPartition], in log: any EventLog, last span: Int64, upTo moment: Timestamp, eachRecord: Bool
    ) async throws -> LogTally {
        let bounds = try await log.bounds(of: sources).mapValues { bounds in
            Bounds(begin: max(bounds.begin, bounds.end - min(span, bounds.end)), end: bounds.end)
        }
        var tally = LogTally(held: bounds.mapValues { Held(bounds: $0) }, moment: moment)
        tally.eachRecord = eachRecord
        try await tally.read(log, from: bounds.mapValues(\.begin))
        tally.seen = [:]
        return tally
    }

    private init(held: [TopicPartition: Held], moment: Timestamp?) {
        self.held = held
        self.moment = moment
    }

    private mutating func read(_ log: any EventLog, from starts: [TopicPartition: Int64]) async throws {
        var open = starts.filter { source, start in held[source].map { start < $0.bounds.end } ?? false }
        guard !open.isEmpty else { return }
        let reader = try await log.reader(from: open.mapValues { .offset($0) }, ReadOptions(headers: false))
        var parser = JSONParser()
        let outcome: Result<Void, any Error>
        do {
            var deadline = ContinuousClock.now + Self.stall
            while !open.isEmpty {
                let batch = try await reader.next(waiting: .milliseconds(500))
                try Task.checkCancellation()
                for entry in batch.entries { note(entry, of: batch, &parser) }
                for (source, next) in batch.next where next >= held[source]?.bounds.end ?? .max { open[source] = nil }
                if !batch.next.isEmpty { deadline = .now + Self.stall }
                guard ContinuousClock.now < deadline else {
                    let silent = open.keys.sorted().first.map { "\($0)" } ?? ""
                    throw LogError(.read, .timedOut("nothing came from \(silent)"))
                }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reader.close()
        try outcome.get()
    }

    /// What came after the first look is not counted, and neither is a record without a value: nobody keeps nothing.
    private mutating func note(_ entry: RecordBatch.Entry, of batch: RecordBatch, _ parser: inout JSONParser) {
        let source = batch.source(of: entry)
        guard var found = held[source], entry.offset < found.bounds.end else { return }
        // Kafka's records carry any number their producer liked.
        let at = Timestamp(milliseconds: entry.timestamp) ?? .latest
        found.records += 1
        found.lastAt = max(found.lastAt ?? .earliest, at)
        held[source] = found
        guard let moment, let value = batch.bytes(of: entry.value), value.byteCount > 0 else { return }
        let isBefore = at <= moment
        lastValueAt = max(lastValueAt ?? .earliest, at)
        if isBefore { settled.lastAt = max(settled.lastAt ?? .earliest, at) }
        guard !eachRecord, let id = Self.eventID(of: entry, of: batch, &parser) else {
            if isBefore { settled.distinct += 1 }
            return
        }
        if let before = seen[id] {
            guard before, !isBefore else { return }
            settled.repeatedLater += 1
            seen[id] = false
        } else {
            seen[id] = isBefore
            if isBefore { settled.distinct += 1 }
        }
    }
}

extension LogTally {
    /// `nil` where it lacks what an event has: an id, a type and both times, as deploy/clickhouse sees it too.
    private static func eventID(
        of entry: RecordBatch.Entry, of batch: RecordBatch, _ parser: inout JSONParser
    ) -> UInt128? {
        guard let value = batch.bytes(of: entry.value) else { return nil }
        do {
            let root = try parser.parse(value)
            guard root.field("event_type")?.string?.isEmpty == false else { return nil }
            _ = try Timestamp(root.field("event_ts")?.string ?? "")
            _ = try Timestamp(root.field("ingest_ts")?.string ?? "")
            return number(root.field("event_id")?.string)
        } catch { return nil }
    }

    /// 32 hexadecimal digits with four dashes between them.
    static func number(_ text: String?) -> UInt128? {
        guard let text, text.utf8.count == 36 else { return nil }
        return UInt128(text.filter { $0 != "-" }, radix: 16)
    }

    func lastAt(of topic: String) -> Timestamp? {
        held.filter { $0.key.topic == topic }.compactMap(\.value.lastAt).max()
    }

    /// The same, but for where the partitions end by now.
    func ending(at bounds: [TopicPartition: Bounds]) -> LogTally {
        var later = self
        for (source, held) in held {
            later.held[source]?.bounds = Bounds(begin: held.bounds.begin, end: bounds[source]?.end ?? held.bounds.end)
        }
        return later
    }

    /// In the order of the partitions' numbers.
    var bounds: [Bounds] { held.sorted { $0.key < $1.key }.map(\.value.bounds) }
    var records: Int64 { held.values.reduce(0) { $0 + $1.records } }
}
