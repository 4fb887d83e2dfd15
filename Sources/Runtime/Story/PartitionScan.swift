internal import Core

/// Reads partitions from where they begin to where they end when it starts; a record is lent for the call alone.
struct PartitionScan {
    /// A log that has records and brings none for so long is a failure.
    static let stall: Duration = .seconds(30)

    private let log: any EventLog
    private let bounds: [TopicPartition: Bounds]

    init(_ log: any EventLog, _ sources: [TopicPartition]) async throws(LogError) {
        self.log = log
        bounds = try await log.bounds(of: sources).filter { $0.value.begin < $0.value.end }
    }

    /// Stops early when `take` answers false.
    func run(_ take: (RecordBatch) throws -> Bool) async throws {
        guard !bounds.isEmpty else { return }
        let options = ReadOptions(maximumRecords: 4_096, maximumBytes: 4 << 20, headers: false)
        let reader = try await log.reader(from: bounds.mapValues { .offset($0.begin) }, options)
        let outcome: Result<Void, any Error>
        do {
            try await read(reader, take)
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await reader.close()
        try outcome.get()
    }

    private func read(_ reader: any EventReader, _ take: (RecordBatch) throws -> Bool) async throws {
        var open = bounds.mapValues(\.end)
        var deadline = ContinuousClock.now + Self.stall
        while !open.isEmpty {
            let batch = try await reader.next(waiting: .milliseconds(500))
            guard try take(batch) else { return }
            for (source, next) in batch.next where next >= open[source] ?? .max { open[source] = nil }
            if !batch.next.isEmpty { deadline = .now + Self.stall }
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                throw LogError(
                    .read, .timedOut("\(open.keys.sorted().first.map { "\($0)" } ?? "the log") brings nothing"))
            }
        }
    }

    /// Of these topics, those that the log has, with as many partitions as it has.
    static func partitions(_ names: Set<String>, of log: any EventLog) async throws(LogError) -> [TopicPartition] {
        try await log.describe().filter { names.contains($0.name) }
            .flatMap { topic in (0..<topic.partitions).map { TopicPartition(topic.name, $0) } }.sorted()
    }
}

/// Whether any of some texts stands in a record's bytes: most records are another order's, and are not decoded.
struct Needles {
    private let texts: [[UInt8]]

    init(_ texts: some Sequence<String>) { self.texts = Set(texts).sorted().map { Array($0.utf8) } }

    func stand(in value: RawSpan) -> Bool {
        // Safe: lent for the call alone.
        unsafe value.withUnsafeBytes { bytes in texts.contains { unsafe Self.contains(bytes, $0) } }
    }

    private static func contains(_ bytes: UnsafeRawBufferPointer, _ needle: [UInt8]) -> Bool {
        guard let first = needle.first, bytes.count >= needle.count else { return false }
        var place = 0
        let last = bytes.count - needle.count
        while place <= last {
            if unsafe bytes[place] == first, unsafe bytes[place..<(place + needle.count)].elementsEqual(needle) {
                return true
            }
            place += 1
        }
        return false
    }
}
