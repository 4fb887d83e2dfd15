import Commands
import Core
import Domain
import HTTPClient
import JSON
import Runtime
import Threading

/// Stops every new order on every route: first here, on the disk, then everywhere it can be heard.
enum Kill {
    /// How long the log may take to record it.
    static let defaultWait: Duration = .seconds(3)

    static let command = Command(
        "kill", "stop all new orders at once",
        details: """
            Writes the latch file KILL in the data folder, which every process that sends looks at before each order; \
            then rings the control port of every process that runs on this data folder and waits until nothing of it is \
            about to leave; then records the stop on the log. The first step needs neither log nor database nor \
            network. What cannot be recorded now is recorded by the next process that runs here and reaches the log. \
            Reads and cancels go on: open orders are canceled on both routes. 'torghut resume' ends the stop.

            --drill does all of it in paper mode, and measures from the log how long it took.
            """,
        options: OperatorWord.options + [
            .switched("drill", "paper mode only: stop, then measure stop time and cancels from the log"),
            .valued(
                "wait", "TIME", "how long the log may take: 500ms, 3s; default 3s, in a drill also for cancels 30s"),
        ],
        answerNo: "stopped here, and somebody was not reached or the log does not know yet"
    ) { invocation in
        let word = try OperatorWord(invocation)
        let wait = try invocation.duration("wait")
        if invocation.has("drill") { return try await KillDrill(invocation, word, wait).run() }
        let report = try await stop(invocation, word, wait: wait ?? defaultWait)
        try report.print(json: invocation.json)
        return report.exitCode
    }

    /// A wrong address of the log, or settings that make no sense, stop no stop.
    static func stop(_ invocation: Invocation, _ word: OperatorWord, wait: Duration) async throws -> KillReport {
        let folder = try dataFolder(invocation)
        let note = KillNote(by: word.actor, for: word.reason, at: SystemTime().now(), process: OperatorWord.process)
        var report = KillReport(note)
        let latch = KillLatch(dataFolder: folder)
        do throws(KillLatchError) { report.latch = .success((latch.path, try latch.engage(note))) } catch {
            report.latch = .failure(error)
        }
        report.calls = await RouterCalls.ring(folder, token: Settings.processEnvironment()["TORGHUT_CONTROL_TOKEN"])
        report.recorded = await record(invocation, note, report.calls, within: wait)
        return report
    }

    private static func dataFolder(_ invocation: Invocation) throws(UsageError) -> String {
        let given = invocation.value("data") ?? Settings.processEnvironment()["TORGHUT_DATA_DIR"]
        guard given?.isEmpty != true else {
            throw UsageError("the data folder's name is empty (--data, TORGHUT_DATA_DIR)")
        }
        return given ?? Settings.defaultDataFolder
    }

    /// Whoever does not answer within the wait is left behind: the latch is told to the log later.
    private static func record(
        _ invocation: Invocation, _ note: KillNote, _ calls: [RouterCall], within wait: Duration
    ) async -> Result<RecordPosition, Unrecorded> {
        let reached = calls.filter(\.hasStopped).prefix(256).compactMap(\.address)
        let missed = calls.filter { !$0.hasStopped }.prefix(256).compactMap(\.address)
        let answer = await FirstAnswer.of(wait) { () async -> Result<RecordPosition, Unrecorded> in
            do {
                let settings = try invocation.settings()
                let places = try await OpenedLog.using(settings, to: .append) { opened in
                    try await OperatorWord.desk(opened.log).say([
                        note.engagement(by: .command, reached: Array(reached), notReached: Array(missed))
                    ])
                }
                guard let place = places.first else { return .failure(Unrecorded(description: "no position")) }
                return .success(place)
            } catch { return .failure(Unrecorded(description: "\(error)")) }
        }
        return answer ?? .failure(Unrecorded(description: "the log did not answer within \(wait)"))
    }
}

/// Why the log does not know yet.
struct Unrecorded: Error, CustomStringConvertible {
    let description: String
}

/// One process that was told, and what it said.
struct RouterCall: Sendable {
    let process: RunningProcess
    /// Whether it says that nothing leaves it any more.
    let hasStopped: Bool
    let openOrders: Int
    let lastSentAt: String?
    /// Why it counts as not reached.
    let fault: String?

    var address: Address? {
        // Ours is an address; a longer one would only be left out of the event.
        do { return try Address(process.address) } catch { return nil }
    }
}

/// Rings the control port of every process that runs on a data folder, all at once.
enum RouterCalls {
    static let limits = HTTPLimits(
        connectTimeout: .milliseconds(500), firstByteTimeout: .seconds(2), totalTimeout: .seconds(2),
        maximumResponseBytes: 64 << 10)

    static func ring(_ dataFolder: String, token: String?) async -> [RouterCall] {
        let processes = RunningProcess.all(in: dataFolder)
        guard !processes.isEmpty else { return [] }
        let pool = HTTPPool(lanes: min(processes.count, 16), limits: limits)
        return await withTaskGroup(of: RouterCall.self) { group in
            for process in processes { group.addTask { await ring(process, token, pool) } }
            return await group.reduce(into: [RouterCall]()) { $0.append($1) }.sorted { $0.process.pid < $1.process.pid }
        }
    }

    private static func ring(_ process: RunningProcess, _ token: String?, _ pool: HTTPPool) async -> RouterCall {
        let headers = token.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        let request = HTTPRequest(.post, process.address + "/control/kill", headers: headers, body: Array("{}".utf8))
        switch await pool.exchange(request).result {
        case .failure(let error): return missed(process, "\(error)")
        case .success(let response) where response.status == 200: return read(process, response.body)
        case .success(let response): return missed(process, "it answered \(response.status)")
        }
    }

    private static func missed(_ process: RunningProcess, _ why: String) -> RouterCall {
        RouterCall(process: process, hasStopped: false, openOrders: 0, lastSentAt: nil, fault: why)
    }

    private static func read(_ process: RunningProcess, _ body: [UInt8]) -> RouterCall {
        var parser = JSONParser()
        do {
            let root = try parser.parse(body)
            var open = 0
            var last: String?
            if var roles = root.field("roles")?.elements() {
                while let role = roles.next() {
                    open += Int(role.field("open_orders")?.int64 ?? 0)
                    last = [last, role.field("last_sent_at")?.string].compactMap { $0 }.max()
                }
            }
            let hasStopped = root.field("stopped")?.bool ?? false
            return RouterCall(
                process: process, hasStopped: hasStopped, openOrders: open, lastSentAt: last,
                fault: hasStopped ? nil : "it does not say that it has stopped")
        } catch { return missed(process, "its answer cannot be read: \(error)") }
    }
}
