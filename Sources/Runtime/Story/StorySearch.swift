public import Core
public import Domain

/// Finds every record of one order's story on the log, by any of its ids.
///
/// Records name an order by our id, by the broker's, or by both, so the partitions of its symbol are read again as long
/// as a reading brings ids that were not known before. Nothing but the story is kept.
public struct StorySearch: Sendable {
    public static let maximumRecords = 20_000
    /// Ours and the broker's id name one another at once; a chain that is longer than this is none.
    static let maximumPasses = 8

    public struct TooMany: Error, CustomStringConvertible {
        public var description: String { "more than \(maximumRecords) records belong to this id" }
    }

    /// What is known of an order before the log is read.
    public struct Hint: Sendable {
        public var names: Set<String>
        public var symbol: String?

        public init(names: Set<String>, symbol: String?) {
            self.names = names
            self.symbol = symbol
        }
    }

    private let log: any EventLog

    public init(_ log: any EventLog) { self.log = log }

    /// The story that this id belongs to, as it stands at a moment; `nil` when no record names it.
    public func story(
        named id: String, at moment: Timestamp, hint: Hint? = nil, _ limits: StoryLimits = StoryLimits()
    ) async throws -> Story? {
        guard !id.isEmpty else { return nil }
        let words = try await QuarantineWords.read(log)
        let start: Hint
        if let hint {
            start = hint
        } else {
            guard let found = try await first(named: id, words) else { return nil }
            start = found
        }
        var gathering = Gathering(own: start.names, named: id)
        let sources = try await sources(symbol: start.symbol)
        for _ in 0..<Self.maximumPasses {
            let known = gathering.known
            let needles = Needles(known)
            var decoder = StoryDecoder(words)
            try await PartitionScan(log, sources).run { batch in
                for entry in batch.entries {
                    guard Self.mayBeMeant(entry, of: batch, needles, words),
                        case .record(let record) = decoder.read(entry, of: batch)
                    else { continue }
                    try gathering.take(record)
                }
                return true
            }
            if gathering.known == known { break }
        }
        guard !gathering.records.isEmpty else {
            // The read models know an id that the log does not have under these names: then the log is asked itself.
            return hint == nil ? nil : try await story(named: id, at: moment, limits)
        }
        let held = try await held(in: sources)
        var records = gathering.records
        try await addControl(to: &records, at: moment, words)
        return Story(records.values, at: moment, limits, held: held)
    }

    /// The first record that names the id, looked for everywhere; reading stops there.
    private func first(named id: String, _ words: QuarantineWords) async throws -> Hint? {
        var found: Hint?
        let needles = Needles([id])
        var decoder = StoryDecoder(words)
        let sources = try await sources(symbol: nil)
        try await PartitionScan(log, sources).run { batch in
            for entry in batch.entries {
                guard Self.mayBeMeant(entry, of: batch, needles, words),
                    case .record(let record) = decoder.read(entry, of: batch), Self.isMeant(record, by: id)
                else { continue }
                let names = StoryNames(of: record)
                let symbol = record.event?.envelope.symbol?.text
                found = Hint(names: names.own.union(found?.names ?? []), symbol: symbol)
                // A record without a symbol may not be where the rest lies: another one may say more.
                if symbol != nil { return false }
            }
            return true
        }
        return found
    }

    /// Of what an operator gave in a record's place the record itself says nothing.
    private static func mayBeMeant(
        _ entry: RecordBatch.Entry, of batch: RecordBatch, _ needles: Needles, _ words: QuarantineWords
    ) -> Bool {
        if words.isPatched(RecordPosition(batch.source(of: entry), entry.offset)) { return true }
        guard let value = batch.bytes(of: entry.value) else { return false }
        return needles.stand(in: value)
    }

    /// A text may stand in prose or in the broker's raw order: only ids count.
    private static func isMeant(_ record: StoryRecord, by id: String) -> Bool {
        if StoryNames(of: record).own.contains(id) { return true }
        return record.event.map { "\($0.envelope.eventID)" == id } ?? false
    }

    /// The partitions that may hold the story of a symbol; all of them while it is not known.
    private func sources(symbol: String?) async throws(LogError) -> [TopicPartition] {
        let keyed = Set(StoryDecoder.keyed.map(\.name))
        let names = keyed.union((StoryDecoder.foreign + StoryDecoder.single).map(\.name))
        let all = try await PartitionScan.partitions(names, of: log)
        guard let symbol else { return all }
        let counts = all.reduce(into: [String: Int32]()) { $0[$1.topic, default: 0] += 1 }
        return all.filter { source in
            guard keyed.contains(source.topic), let count = counts[source.topic] else { return true }
            return source.partition == Murmur2Partitioner.partition(forKey: Array(symbol.utf8), of: count)
        }
    }

    /// What the log still holds of the topics that are kept for a week.
    private func held(in sources: [TopicPartition]) async throws(LogError) -> [TopicPartition: Int64] {
        let foreign = Set(StoryDecoder.foreign.map(\.name))
        return try await log.bounds(of: sources.filter { foreign.contains($0.topic) }).mapValues(\.begin)
    }
}

extension StorySearch {
    /// What control said that was in force when something of the story was judged, and what it said while it went on.
    private func addControl(
        to records: inout [RecordPosition: StoryRecord], at moment: Timestamp, _ words: QuarantineWords
    ) async throws {
        let story = Story(records.values, at: moment)
        let account = StoryAccount(story)
        var judged = story.judgedAt[...]
        let (begin, end) = (story.firstTakenIn, story.lastTakenIn)
        var control = StoryControl(symbol: account.symbol, strategy: account.strategy)
        let source = try await PartitionScan.partitions([TopicCatalog.control.name], of: log)
        var decoder = StoryDecoder(words)
        var found: [StoryRecord] = []
        try await PartitionScan(log, source).run { batch in
            for entry in batch.entries {
                while let next = judged.first, entry.offset >= next {
                    found += control.inForce
                    judged = judged.dropFirst()
                }
                guard case .record(let record) = decoder.read(entry, of: batch), let event = record.event else {
                    continue
                }
                if event.envelope.ingestTime > end, judged.isEmpty { return false }
                control.fold(event, at: record.place)
                let isDuring = event.envelope.ingestTime >= begin && event.envelope.ingestTime <= end
                if isDuring, event.isStop, control.inForce.contains(record) {
                    found.append(record)
                }
            }
            return true
        }
        if !judged.isEmpty { found += control.inForce }
        for record in found where records[record.place] == nil && records.count < Self.maximumRecords {
            records[record.place] = record.inForce
        }
    }
}

extension Event {
    /// What may stop an order on its way, or let it go on.
    fileprivate var isStop: Bool {
        guard case .control(let word) = content else { return false }
        switch word {
        case .killSwitchEngaged, .killSwitchReleased, .emergencyStopLatched, .emergencyStopCleared, .laneDisabled,
            .laneEnabled, .symbolReviewOpened, .symbolReviewClosed:
            return true
        default: return false
        }
    }
}

/// What has been found of a story, and by which ids more is looked for.
private struct Gathering {
    private(set) var records: [RecordPosition: StoryRecord] = [:]
    private var own: Set<String>
    private var named: Set<String> = []
    private var incidents: Set<String> = []

    init(own: Set<String>, named id: String) {
        self.own = own
        // Where the id is that of an event which belongs to no order, the event itself is the story.
        if own.isEmpty { named.insert(id) }
    }

    var known: Set<String> { own.union(named).union(incidents) }

    mutating func take(_ record: StoryRecord) throws {
        let names = StoryNames(of: record)
        if !names.own.isDisjoint(with: own) {
            own.formUnion(names.own)
        } else {
            guard let event = record.event,
                named.contains("\(event.envelope.eventID)") || !names.incidents.isDisjoint(with: incidents)
            else { return }
            incidents.formUnion(names.incidents)
        }
        named.formUnion(names.named.map { "\($0)" })
        records[record.place] = record
        guard records.count <= StorySearch.maximumRecords else { throw StorySearch.TooMany() }
    }
}
