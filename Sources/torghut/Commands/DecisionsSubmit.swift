import Core
import Domain
import Glibc
import JSON
import Runtime
import Threading
import Wire

/// Puts decisions on the log, where the role `commands` answers them.
enum DecisionsSubmit {
    static let command = Command(
        "decisions submit", "put decisions on the log, from JSON lines",
        details: """
            Each line is an object with the fields of a decision:
              {"account_label": …, "symbol": …, "event_ts": …, "strategy_id": …, "timeframe": "1Min", "action": "buy",
               "qty": "10", "order_type": "limit", "time_in_force": "day", "limit_price": "190.25"}
            and, where there is something to say, \(DecisionLine.ofDecision.dropFirst(14).joined(separator: ", ")). \
            decision_hash is worked out from the decision's identity; one that is given must agree. A line may also be \
            a whole event, as 'log read' prints its value.

            For each line that holds, one line comes back once the decision is durable, in order: where it lies, and \
            its hash. Each line that does not is named on standard error with its number and what is wrong, and nothing \
            of it is written; the others go on. The same decision may be submitted again: it is answered once.
            """,
        options: [.valued("file", "FILE", "read the lines from this file instead of standard input")],
        answerNo: "some lines were refused; standard error names each"
    ) { invocation in
        if let path = invocation.value("file") { try redirect(path) }
        return try await OpenedLog.using(invocation.settings(), to: .append) { opened in
            try await SubmitSession(json: invocation.json).run(on: opened.log) == 0 ? .ok : .no
        }
    }

    static let batchLines = 1_000
    static let batchMilliseconds = 50
    static let batchBytes = LogLimits.maximumAppendBytes / 2
    static let writerName = "torghut.operator.decisions"
    /// Two commands at once fence one another for a moment; who is fenced has written nothing, and tries again.
    static let maximumTries = 100

    private static func redirect(_ path: String) throws(UsageError) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw UsageError("--file: cannot read \(path): \(TerminalError.text(errno))") }
        defer { close(file) }
        guard dup2(file, STDIN_FILENO) >= 0 else {
            throw UsageError("--file: cannot read \(path): \(TerminalError.text(errno))")
        }
    }
}

/// Reads lines, and appends what holds in batches; answers how many lines were refused.
private actor SubmitSession {
    private nonisolated let executor = BlockingExecutor("decisions")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private struct Submitted {
        var records: [NewRecord] = []
        var hashes: [String] = []
    }

    private let json: Bool
    private var refused = 0
    private var seq: Int64 = 0
    private var encoder = EventEncoder()
    private var writer: (any EventWriter)?

    init(json: Bool) { self.json = json }

    func run(on log: any EventLog) async throws -> Int {
        var input = LineInput()
        var lines = DecisionLine()
        let outcome: Result<Void, any Error>
        do {
            while let batch = try read(&input, &lines) {
                if !batch.records.isEmpty { try await append(batch, to: log) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await writer?.close()
        try outcome.get()
        return refused
    }

    /// What came together; `nil` at the end of the input.
    private func read(_ input: inout LineInput, _ lines: inout DecisionLine) throws -> Submitted? {
        var batch = Submitted()
        var bytes = 0
        var deadline: ContinuousClock.Instant?
        while batch.records.count < DecisionsSubmit.batchLines, bytes < DecisionsSubmit.batchBytes {
            switch try input.next(until: deadline) {
            case .nothingYet: return batch
            case .end: return batch.records.isEmpty ? nil : batch
            case .line(let range):
                deadline = deadline ?? .now + .milliseconds(DecisionsSubmit.batchMilliseconds)
                do throws(LineError) {
                    // Safe: the span is used only inside the call.
                    let event = try unsafe lines.event(
                        input.buffer.span.bytes.extracting(range), at: SystemTime().now())
                    let record = try record(event)
                    bytes += LogLimits.size(of: record)
                    batch.records.append(record)
                    batch.hashes.append(event.hashOfDecision)
                } catch {
                    refused += 1
                    StandardError.line("torghut: line \(input.lines): \(error)")
                }
            }
        }
        return batch
    }

    private func record(_ event: Event) throws(LineError) -> NewRecord {
        var event = event
        seq += 1
        event.envelope.seq = seq
        let record = encoder.record(event)
        do throws(LogError) { try LogLimits.check(Append([record])) } catch { throw LineError("\(error)") }
        return record
    }

    private func append(_ batch: Submitted, to log: any EventLog) async throws {
        var tries = 0
        while true {
            tries += 1
            let positions: [RecordPosition]
            do throws(LogError) { positions = try await open(log).append(Append(batch.records)) } catch {
                guard case .fenced = error.reason, tries < DecisionsSubmit.maximumTries else { throw error }
                await writer?.close()
                writer = nil
                continue
            }
            return try show(positions, batch.hashes)
        }
    }

    private func open(_ log: any EventLog) async throws(LogError) -> any EventWriter {
        if let writer { return writer }
        let opened = try await log.writer(named: DecisionsSubmit.writerName)
        writer = opened
        return opened
    }

    private func show(_ positions: [RecordPosition], _ hashes: [String]) throws {
        var output = JSONWriter()
        var text = ""
        for (position, hash) in zip(positions, hashes) {
            guard json else {
                text += "\(position) \(hash)\n"
                continue
            }
            output.object { json in
                json.key("topic")
                json.string(position.source.topic)
                json.key("partition")
                json.integer(position.source.partition)
                json.key("offset")
                json.integer(position.offset)
                json.key("decision_hash")
                json.string(hash)
            }
            output.newline()
        }
        try StandardOutput().write(json ? output.bytes : Array(text.utf8))
    }
}

extension Event {
    fileprivate var hashOfDecision: String {
        if case .decisions(.decisionRecorded(let decision)) = content { decision.decisionHash.description } else { "" }
    }
}
