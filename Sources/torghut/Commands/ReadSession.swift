import Core
import JSON
import Threading

/// One run of `log read`: merges the partitions up to where they end now, then prints what comes as it comes.
actor ReadSession {
    private nonisolated let executor = BlockingExecutor("log.read")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let request: ReadRequest
    private let log: any EventLog
    private let line: RecordLine
    private var lines = JSONWriter(reserving: StandardOutput.pieceBytes * 2)
    private var printed = 0

    init(_ request: ReadRequest, log: any EventLog) {
        self.request = request
        self.log = log
        line = RecordLine(form: request.form)
    }

    func run() async throws {
        let ranges = try await ranges()
        try await merge(ranges.map { ($0.source, $0.from, $0.now) }.filter { $0.1 < $0.2 })
        try flush()
        let open = ranges.filter { max($0.from, $0.now) < $0.to }
        if request.follows, !open.isEmpty, printed < request.most { try await follow(open) }
        try flush()
    }

    /// Where a partition is read from, to where it is merged, and where following it stops.
    private typealias Range = (source: TopicPartition, from: Int64, now: Int64, to: Int64)

    private func ranges() async throws -> [Range] {
        guard let topic = try await log.describe().first(where: { $0.name == request.topic }) else {
            throw LogError(.read, .unknownTopic(request.topic))
        }
        let sources = (request.partition.map { [$0] } ?? Array(0..<topic.partitions)).map {
            TopicPartition(topic.name, $0)
        }
        let bounds = try await log.bounds(of: sources)
        var ranges: [Range] = []
        for source in sources {
            guard let held = bounds[source] else { throw LogError(.read, .unknownPartition(source)) }
            let from: Int64
            switch request.from {
            case .beginning: from = held.begin
            case .end: from = held.end
            case .offset(let offset):
                let within = offset >= held.begin && offset <= held.end
                guard within || (request.partition == nil && offset > held.end) else {
                    throw LogError(.read, .positionOutOfRange(source, asked: offset, held))
                }
                guard within else { continue }
                from = offset
            }
            let to = request.to ?? (request.toEnd ? held.end : .max)
            ranges.append((source, from, min(held.end, to), to))
        }
        return ranges
    }

    /// The record with the smallest timestamp of all partitions' next ones, again and again.
    private func merge(_ ranges: [(source: TopicPartition, from: Int64, to: Int64)]) async throws {
        var lanes: [ReadLane] = []
        for range in ranges { lanes.append(try await ReadLane(log, range.source, from: range.from, to: range.to)) }
        let failure: (any Error)?
        do {
            try await drain(&lanes)
            failure = nil
        } catch {
            failure = error
        }
        for lane in lanes { await lane.close() }
        if let failure { throw failure }
    }

    private func drain(_ lanes: inout [ReadLane]) async throws {
        for index in lanes.indices { try await lanes[index].fill() }
        while printed < request.most, !Task.isCancelled {
            var first: Int?
            for index in lanes.indices {
                guard let time = lanes[index].timestamp else { continue }
                if let best = first, let earliest = lanes[best].timestamp, earliest <= time { continue }
                first = index
            }
            guard let first else { return }
            lanes[first].print(line, to: &lines)
            printed += 1
            if lines.bytes.count >= StandardOutput.pieceBytes { try flush() }
            if lanes[first].timestamp == nil { try await lanes[first].fill() }
        }
    }

    private func follow(_ ranges: [Range]) async throws {
        var ends = Dictionary(uniqueKeysWithValues: ranges.map { ($0.source, $0.to) })
        let starts = Dictionary(
            uniqueKeysWithValues: ranges.map { ($0.source, ReadStart.offset(max($0.from, $0.now))) })
        let reader = try await log.reader(from: starts, ReadOptions())
        let failure: (any Error)?
        do {
            while printed < request.most, !ends.isEmpty, !Task.isCancelled {
                let batch = try await reader.next(waiting: .milliseconds(500))
                for entry in batch.entries where entry.offset < ends[batch.source(of: entry)] ?? 0 {
                    guard printed < request.most else { break }
                    line.append(entry, of: batch, to: &lines)
                    printed += 1
                }
                for (source, next) in batch.next where next >= ends[source] ?? .max { ends[source] = nil }
                try flush()
            }
            failure = nil
        } catch {
            failure = error
        }
        await reader.close()
        if let failure, !Task.isCancelled { throw failure }
    }

    private func flush() throws {
        guard !lines.bytes.isEmpty else { return }
        try StandardOutput().write(lines.bytes)
        lines.reset()
    }
}

/// One partition on its way into the merge.
struct ReadLane {
    /// Small, because there is one for each partition.
    private static let options = ReadOptions(maximumRecords: 4_096, maximumBytes: 1 << 20)
    /// A partition that brings nothing for this long, although it has records, is a failure.
    private static let stall: Duration = .seconds(30)

    private let source: TopicPartition
    private let reader: any EventReader
    private let to: Int64
    private var next: Int64
    private var batch = RecordBatch.empty
    private var index = 0

    init(_ log: any EventLog, _ source: TopicPartition, from: Int64, to: Int64) async throws {
        self.source = source
        self.to = to
        next = from
        reader = try await log.reader(from: [source: .offset(from)], Self.options)
    }

    /// Of the record in hand; `nil` when there is none.
    var timestamp: Int64? {
        index < batch.count && batch.entries[index].offset < to ? batch.entries[index].timestamp : nil
    }

    mutating func print(_ line: RecordLine, to lines: inout JSONWriter) {
        line.append(batch.entries[index], of: batch, to: &lines)
        index += 1
    }

    /// Gets the next records, unless the partition has come to its end.
    mutating func fill() async throws {
        let deadline = ContinuousClock.now + Self.stall
        while timestamp == nil, next < to {
            batch = try await reader.next(waiting: .seconds(1))
            index = 0
            if let reached = batch.next[source], reached > next {
                next = reached
                continue
            }
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                throw LogError(.read, .timedOut("\(source) brought nothing at \(next), and ends at \(to)"))
            }
        }
    }

    func close() async { await reader.close() }
}
