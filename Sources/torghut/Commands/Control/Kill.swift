import Commands
import Core
import Domain
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
        report.calls = await StopCalls.ring(folder, token: Settings.processEnvironment()["TORGHUT_CONTROL_TOKEN"])
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
        _ invocation: Invocation, _ note: KillNote, _ calls: [StopCall], within wait: Duration
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
