import Core
import JSON
import Runtime
import Threading

/// Appends JSON lines, and answers each with its position once it is durable.
enum LogAppend {
    static let command = Command(
        "log append", "append JSON lines from standard input",
        details: """
            Each line is an object:
              {"key": …, "value": …, "headers": {…}, "partition": n, "timestamp": ms}
            key and value are strings or null; bytes that are not UTF-8 come as key_b64 and value_b64. An object or
            array as value is stored as its compact text, numbers as written. Only a value is needed; null is a
            tombstone. A header's value is a string, null or {"b64": …}; where names repeat, headers are an array of
            [name, value] pairs. Without a partition the key chooses one (murmur2, as Java's clients do). What
            'log read' prints can be appended again: topic must agree, offset is not looked at.

            A batch is \(LogAppend.batchLines) lines, or what came within \(LogAppend.batchMilliseconds) ms, or \
            \(LogAppend.batchBytes >> 20) MiB; it is appended as a whole or not at all. For each
            record one line comes back, in order, after its batch is durable:
              {"topic": …, "partition": …, "offset": …}
            A line that cannot be read is named by its number and ends the command: nothing of its batch is appended.
            """,
        options: [.valued("topic", "TOPIC", "where to append; must exist")]
    ) { invocation in
        let topic = try invocation.required("topic")
        return try await OpenedLog.using(invocation.settings(), to: .append) { opened in
            try await AppendSession(topic: topic).run(on: opened.log)
            return .ok
        }
    }

    static let batchLines = 1_000
    static let batchMilliseconds = 50
    /// Below the log's own limit for one append, so that a batch of large records still fits.
    static let batchBytes = LogLimits.maximumAppendBytes / 2
    static let writerName = "torghut.operator.append"
}

/// Reads lines and appends batches; while one batch is on its way to the disk, the next is read.
private actor AppendSession {
    private nonisolated let executor = BlockingExecutor("log.append")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let topic: String
    private var output = JSONWriter(reserving: 64 * LogAppend.batchLines)

    init(topic: String) { self.topic = topic }

    private typealias Flight = Task<Result<[RecordPosition], LogError>, Never>

    func run(on log: any EventLog) async throws {
        let writer = try await log.writer(named: LogAppend.writerName)
        var input = LineInput()
        var lines = AppendLine(topic: topic)
        var inFlight: Flight?
        var failure: (any Error)?
        do {
            while let batch = try readBatch(&input, &lines, urged: inFlight != nil) {
                if let flight = inFlight.take() { try await land(flight) }
                guard !batch.isEmpty else { continue }
                // Detached: this actor's thread blocks in reads while the batch goes to the disk.
                inFlight = Task.detached {
                    do throws(LogError) { return .success(try await writer.append(Append(batch))) } catch {
                        return .failure(error)
                    }
                }
                // Nothing to read meanwhile: whoever waits for the positions gets them now.
                if input.isIdle(), let flight = inFlight.take() { try await land(flight) }
            }
        } catch {
            failure = error
        }
        // What was appended before an unreadable line is durable, and is said to be.
        if let flight = inFlight { try await land(flight) }
        await writer.close()
        if let failure { throw failure }
    }

    private func land(_ flight: Flight) async throws {
        output.reset()
        for position in try await flight.value.get() {
            output.object { json in
                json.key("topic")
                json.string(position.source.topic)
                json.key("partition")
                json.integer(position.source.partition)
                json.key("offset")
                json.integer(position.offset)
            }
            output.newline()
        }
        try StandardOutput().write(output.bytes)
    }

    /// The next batch, or `nil` at the end of the input.
    ///
    /// Urged, it comes back empty rather than late: positions of the batch before it are waited for.
    private func readBatch(
        _ input: inout LineInput, _ lines: inout AppendLine, urged: Bool
    ) throws -> [NewRecord]? {
        var batch: [NewRecord] = []
        var bytes = 0
        let limit = Duration.milliseconds(LogAppend.batchMilliseconds)
        var deadline: ContinuousClock.Instant? = urged ? .now + limit : nil
        while batch.count < LogAppend.batchLines, bytes < LogAppend.batchBytes {
            switch try input.next(until: deadline) {
            case .nothingYet: return batch
            case .end: return batch.isEmpty ? nil : batch
            case .line(let range):
                if batch.isEmpty { deadline = .now + limit }
                let record = try read(range, of: input, lines: &lines)
                bytes += LogLimits.size(of: record)
                batch.append(record)
            }
        }
        return batch
    }

    private func read(
        _ range: Range<Int>, of input: borrowing LineInput, lines: inout AppendLine
    ) throws -> NewRecord {
        do {
            // Safe: the span is used only inside the call.
            let record = try unsafe lines.record(input.buffer.span.bytes.extracting(range))
            try LogLimits.check(Append([record]))
            return record
        } catch {
            throw LineError("line \(input.lines): \(error); nothing of its batch was appended")
        }
    }
}
