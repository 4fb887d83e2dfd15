public import Core
public import Domain

/// Whether every order's story is whole: reads a log of any length, and holds no more than what is open.
///
/// A first reading finds suspects: stories that are not whole at the end of what it could see. A second one reads what
/// belongs to these again, and only what is missing then is a hole: an audit says of an order what `explain` says.
public struct StoryAudit: Sendable {
    public struct Report: Sendable {
        /// Orders whose first record lies between the two moments.
        public internal(set) var orders = 0
        public internal(set) var open = 0
        public internal(set) var records: Int64 = 0
        /// Records of broker's orders that are nobody's.
        public internal(set) var foreign = 0
        public internal(set) var holes: [(decision: DecisionHash, hole: StoryHole)] = []
        /// Records that nothing can be read from, and that no operator has settled.
        public internal(set) var unreadable: [(place: RecordPosition, why: String)] = []
        /// Orders that were suspect, and for which there was no room to look again.
        public internal(set) var notChecked = 0

        public var isWhole: Bool { holes.isEmpty && unreadable.isEmpty && notChecked == 0 }
    }

    /// More are counted and not named.
    public static let maximumUnreadable = 1_000
    /// Suspects that are looked at again in one reading of the log.
    public static let suspectsPerReading = 2_000

    private let log: any EventLog
    private let limits: StoryBook.Limits
    private let progress: @Sendable (Int64, Int64) -> Void

    public init(
        _ log: any EventLog, _ limits: StoryBook.Limits = StoryBook.Limits(),
        progress: @escaping @Sendable (_ done: Int64, _ of: Int64) -> Void = { _, _ in }
    ) {
        self.log = log
        self.limits = limits
        self.progress = progress
    }

    public func run(since: Timestamp, until: Timestamp, at moment: Timestamp) async throws -> Report {
        var report = Report()
        var book = StoryBook(limits)
        var ended = Tally(since, until)
        let (lanes, words) = (try await lanes(), try await QuarantineWords.read(log))
        var swept = Timestamp.earliest
        try await read(lanes, words, &report) { record, now in
            book.add(record)
            guard now.since(swept) > limits.quiet / 4 || book.isFull else { return }
            swept = now
            _ = book.sweep(at: now) { ended.take(Story($0, at: .latest)) }
        }
        // What is open at the end is judged as it stands; what is not whole is looked at again.
        for (decision, records) in book.held {
            let story = Story(records, at: moment, held: lanes.held)
            let verdict = story.verdict
            // Of a story that left, this may be what came late: only a second look tells.
            if verdict == .incomplete || story.namesWords { book.suspect(decision) }
            guard ended.isMeant(story), story.hasBegun else { continue }
            ended.orders += 1
            if verdict == .open { report.open += 1 }
        }
        report.orders = ended.orders
        report.foreign = book.foreign
        report.notChecked = book.forgotten
        try await lookAgain(at: book.suspects.sorted(), ended, moment, lanes.held, words, &report)
        return report
    }

    /// Counts the stories that left while they were whole.
    private struct Tally {
        let since: Timestamp
        let until: Timestamp
        var orders = 0

        init(_ since: Timestamp, _ until: Timestamp) { (self.since, self.until) = (since, until) }

        func isMeant(_ story: Story) -> Bool { story.firstTakenIn >= since && story.firstTakenIn < until }

        /// Whether the story may go: it ended whole, and names nothing that is not among its own records.
        mutating func take(_ story: Story) -> Bool {
            guard story.holes.isEmpty, !story.namesWords else { return false }
            if isMeant(story) { orders += 1 }
            return true
        }
    }

    private func lookAgain(
        at suspects: [DecisionHash], _ tally: Tally, _ moment: Timestamp, _ held: [TopicPartition: Int64],
        _ said: QuarantineWords, _ report: inout Report
    ) async throws {
        var rest = suspects[...]
        while !rest.isEmpty {
            let part = Set(rest.prefix(Self.suspectsPerReading))
            rest = rest.dropFirst(Self.suspectsPerReading)
            var book = StoryBook(limits, only: part)
            var words = GateWords()
            var ignored = Report()
            try await read(try await lanes(), said, &ignored) { record, _ in book.add(record) }
            let stories = book.held
            for (_, records) in stories { words.want(records) }
            try await words.read(from: log, said)
            for (decision, records) in stories {
                let story = Story(records + words.words(of: records), at: moment, held: held)
                guard tally.isMeant(story) else { continue }
                for hole in story.holes { report.holes.append((decision, hole)) }
            }
        }
    }
}

extension StoryAudit {
    private struct Lanes {
        var sources: [TopicPartition]
        var bounds: [TopicPartition: Bounds]
        var held: [TopicPartition: Int64]
    }

    private func lanes() async throws(LogError) -> Lanes {
        let foreign = Set(StoryDecoder.foreign.map(\.name))
        let names = Set(StoryDecoder.keyed.map(\.name)).union(foreign)
        let sources = try await PartitionScan.partitions(names, of: log)
        let bounds = try await log.bounds(of: sources)
        return Lanes(
            sources: sources, bounds: bounds,
            held: bounds.filter { foreign.contains($0.key.topic) }.mapValues(\.begin))
    }

    /// Every record of these partitions, the one with the earliest moment first.
    private func read(
        _ lanes: Lanes, _ words: QuarantineWords, _ report: inout Report, _ take: (StoryRecord, Timestamp) -> Void
    ) async throws {
        let total = lanes.bounds.values.reduce(0) { $0 + max(0, $1.end - $1.begin) }
        let merge = RecordMerge(log, lanes.bounds, words)
        var done: Int64 = 0
        let outcome: Result<Void, any Error>
        do {
            while let (entry, batch) = try await merge.next() {
                done += 1
                if done % 1_024 == 0 || done == total { progress(done, total) }
                switch merge.decode(entry, of: batch) {
                case .record(let record):
                    take(record, Timestamp(milliseconds: entry.timestamp) ?? record.takenIn)
                case .nothing: break
                case .unreadable(let why):
                    if report.unreadable.count < Self.maximumUnreadable {
                        report.unreadable.append((RecordPosition(batch.source(of: entry), entry.offset), why))
                    }
                }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await merge.close()
        report.records = done
        try outcome.get()
    }
}

extension Story {
    /// Whether its beginning is here, and not only something that came late.
    var hasBegun: Bool {
        told.contains { $0.type.family == .decisions || $0.type == .intents(.intentEmitted) }
    }

    /// Whether it follows from words of gates or operators, which lie on topics of their own.
    var namesWords: Bool { told.contains { !StoryNames(of: $0.event).named.isEmpty } && !wordsAreHere }

    private var wordsAreHere: Bool {
        let here = Set(told.map(\.id))
        return told.allSatisfy { StoryNames(of: $0.event).named.isSubset(of: here) }
    }
}
