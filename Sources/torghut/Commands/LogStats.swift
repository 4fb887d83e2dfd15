import Bus
import Core
import Runtime

/// What each partition holds, counted by reading it: holes are not taken for records.
enum LogStats {
    static let command = Command(
        "log stats", "begin, end, records and bytes of each partition",
        details: """
            Reads everything, so that records are counted and not guessed from offsets; bytes are those of keys,
            values and headers.
            """,
        options: [
            .valued("topic", "TOPIC", "only this topic; may be given more than once", repeats: true),
            .valued("archive", "DIR", "count this archive in front of the log, as one"),
        ]
    ) { invocation in
        let archive = invocation.value("archive")
        return try await OpenedLog.using(invocation.settings(), to: .read, archive: archive) { opened in
            let sources = try await TopicChoice.partitions(invocation.values("topic"), of: opened.log)
            let bounds = try await opened.log.bounds(of: sources)
            let counts = try await count(opened.log, bounds)
            var listing = Listing("topic", "partition", "begin", "end", "records", "bytes")
            for source in sources {
                guard let held = bounds[source] else { continue }
                let counted = counts[source] ?? Count()
                listing.add(
                    .text(source.topic), .number(Int64(source.partition)), .number(held.begin), .number(held.end),
                    .number(counted.records), .number(counted.bytes))
            }
            try listing.print(json: invocation.json)
            return .ok
        }
    }

    private struct Count {
        var records: Int64 = 0
        var bytes: Int64 = 0
    }

    private static func count(
        _ log: any EventLog, _ bounds: [TopicPartition: Bounds]
    ) async throws -> [TopicPartition: Count] {
        var counts: [TopicPartition: Count] = [:]
        try await Sweep(log, bounds).run("counting") { batch in
            for entry in batch.entries {
                let size = max(entry.key.length, 0) + max(entry.value.length, 0) + max(entry.headers.length, 0)
                counts[batch.source(of: entry), default: Count()].records += 1
                counts[batch.source(of: entry), default: Count()].bytes += Int64(size)
            }
        }
        return counts
    }
}

/// The partitions a command was asked for by topic.
enum TopicChoice {
    /// All topics, when none is named.
    static func partitions(_ names: [String], of log: any EventLog) async throws -> [TopicPartition] {
        let topics = try await log.describe()
        if let unknown = names.first(where: { name in !topics.contains { $0.name == name } }) {
            throw LogError(.describe, .unknownTopic(unknown))
        }
        return topics.filter { names.isEmpty || names.contains($0.name) }
            .flatMap { topic in (0..<topic.partitions).map { TopicPartition(topic.name, $0) } }.sorted()
    }
}

/// Reads partitions from where they begin to where they end now.
struct Sweep {
    private let log: any EventLog
    private let bounds: [TopicPartition: Bounds]

    init(_ log: any EventLog, _ bounds: [TopicPartition: Bounds]) {
        self.log = log
        self.bounds = bounds.filter { $0.value.begin < $0.value.end }
    }

    func run(_ what: String, _ body: (RecordBatch) -> Void) async throws {
        guard !bounds.isEmpty else { return }
        let reader = try await log.reader(from: bounds.mapValues { .offset($0.begin) }, ReadOptions())
        let progress = ProgressLine(what)
        let failure: (any Error)?
        do {
            try await read(reader, progress, body)
            failure = nil
        } catch {
            failure = error
        }
        progress.end()
        await reader.close()
        if let failure { throw failure }
    }

    private func read(_ reader: any EventReader, _ progress: ProgressLine, _ body: (RecordBatch) -> Void) async throws {
        let total = bounds.values.reduce(0) { $0 + $1.end - $1.begin }
        var done: Int64 = 0
        var open = bounds.mapValues(\.end)
        var deadline = ContinuousClock.now + ArchiveLimits.stall
        while !open.isEmpty {
            let batch = try await reader.next(waiting: .seconds(1))
            body(batch)
            done += Int64(batch.count)
            progress.show(done: done, of: total)
            for (source, next) in batch.next where next >= open[source] ?? .max { open[source] = nil }
            if !batch.next.isEmpty { deadline = .now + ArchiveLimits.stall }
            guard ContinuousClock.now < deadline else {
                throw LogError(.read, .timedOut("nothing came from \(open.keys.sorted().first.map { "\($0)" } ?? "")"))
            }
        }
    }
}
