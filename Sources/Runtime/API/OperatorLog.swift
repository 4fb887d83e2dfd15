internal import Core

/// The log as operators write to it over one API: of writers with one name, one at a time, in the order they came.
///
/// Each opens a writer, appends and closes it. Two that did so at once would fence one another, and many would do so
/// until one gives up.
struct OperatorLog: ForwardedLog {
    let log: any EventLog
    let turns = WriterTurns()

    func writer(named name: String) async throws(LogError) -> any EventWriter {
        try await turns.take(name)
        do throws(LogError) {
            return OrderlyWriter(writer: try await log.writer(named: name), name: name, turns: turns)
        } catch {
            await turns.pass(name)
            throw error
        }
    }
}

private struct OrderlyWriter: EventWriter {
    let writer: any EventWriter
    let name: String
    let turns: WriterTurns

    func append(_ append: Append) async throws(LogError) -> [RecordPosition] { try await writer.append(append) }

    func close() async {
        await writer.close()
        await turns.pass(name)
    }
}

/// Who may open a writer now; whoever is cancelled while he waits leaves the line.
actor WriterTurns {
    private struct Waiter {
        let number: Int
        let wake: CheckedContinuation<Bool, Never>
    }

    /// More are told at once that the log cannot be reached.
    static let maximumWaiting = 256

    /// A name that is here is taken, and these wait for it.
    private var lines: [String: [Waiter]] = [:]
    private var count = 0

    func take(_ name: String) async throws(LogError) {
        guard let line = lines[name] else {
            lines[name] = []
            return
        }
        guard line.count < Self.maximumWaiting else {
            throw LogError(.append, .timedOut("\(line.count) wait for it already (maximumWaiting)"))
        }
        count += 1
        let number = count
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                if Task.isCancelled { return wake.resume(returning: false) }
                lines[name]?.append(Waiter(number: number, wake: wake))
            }
        } onCancel: {
            Task { await leave(name, number) }
        }
        guard isMine else { throw LogError(.append, .timedOut("given up before its turn came")) }
    }

    func pass(_ name: String) {
        guard var line = lines[name], !line.isEmpty else {
            lines[name] = nil
            return
        }
        let next = line.removeFirst()
        lines[name] = line
        next.wake.resume(returning: true)
    }

    private func leave(_ name: String, _ number: Int) {
        guard let index = lines[name]?.firstIndex(where: { $0.number == number }) else { return }
        lines[name]?.remove(at: index).wake.resume(returning: false)
    }
}
