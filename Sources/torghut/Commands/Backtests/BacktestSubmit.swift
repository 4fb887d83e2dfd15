import Core
import Domain
import Glibc
import Lanes
import Runtime
import Threading

/// Asks for a run: the asking is an event, and the role `lanes` has the runner answer it.
enum BacktestSubmit {
    static let maximumConfigBytes = 512 << 10

    static let command = Command(
        "backtest submit", "ask for a backtest",
        details: """
            CONFIG is a file with one JSON object: symbols, data, strategies or orders, execution; docs/backtests.md has \
            all fields. The same configuration in the same lane is the same run: asked for again it is not done again, \
            unless it ended without a result.

            With --wait the command ends when the run does: 0 when it has a result, 3 when it failed or was cancelled.
            """,
        options: [
            .valued("lane", "NAME", "research_backtest (also research) or shadow_replay (also shadow)"),
            .valued("actor", "NAME", "who asks; recorded in the event"),
            .valued("wait", "TIME", "wait for the end of the run, so long at most: 90s, 10m, 2h"),
        ],
        operand: Operand(name: "CONFIG", summary: "the file with the configuration"),
        answerNo: "the run failed, or was cancelled"
    ) { invocation in
        let path = try invocation.requiredOperand()
        let lane = try lane(invocation.value("lane") ?? "research_backtest")
        let actor: ActorName
        do { actor = try ActorName(try invocation.required("actor")) } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError("--actor: \(error)")
        }
        let config: CanonicalConfig
        do { config = try CanonicalConfig(try read(path)) } catch let error as CanonicalConfig.Refusal {
            throw UsageError("\(path): \(error)")
        }
        let settings = try invocation.settings()
        let id = config.id(in: lane)
        let asked = try await OpenedLog.using(settings, to: .append) { opened in
            try await BacktestAsk.ask(
                config, lane: lane, by: actor, at: SystemTime().now(), source: try SourceName("cli"),
                nonce: "\(getpid())", on: opened.log)
        }
        guard let limit = try invocation.duration("wait") else {
            var listing = Listing("backtest_id", "lane", "reproducibility_hash", "said_at")
            listing.add(
                .text(id.text), .text(lane), .text("\(config.reproducibilityHash)"),
                .optional(asked.place?.description))
            try listing.print(json: invocation.json)
            return .ok
        }
        let entry = try await wait(for: id, settings, limit)
        try BacktestShow.print(entry, json: invocation.json)
        return entry.run.status == .completed ? .ok : .no
    }

    private static func lane(_ name: String) throws(UsageError) -> String {
        guard let lane = CanonicalConfig.lane(named: name) else {
            throw UsageError("--lane is research_backtest or shadow_replay, not '\(name)'")
        }
        return lane
    }

    private static func read(_ path: String) throws(UsageError) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw UsageError("cannot read \(path): \(TerminalError.text(errno))") }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: maximumConfigBytes + 1)
        var filled = 0
        while filled < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return unsafe Glibc.read(file, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw UsageError("cannot read \(path): \(TerminalError.text(errno))") }
            if count == 0 { return Array(bytes[..<filled]) }
            filled += count
        }
        throw UsageError("\(path) is larger than \(maximumConfigBytes) bytes")
    }

    /// Reads the log now and then until the run has ended, or the time is over.
    private static func wait(
        for id: BacktestID, _ settings: Settings, _ limit: Duration
    ) async throws -> BacktestBook.Entry {
        let time = SystemTime()
        let end = time.uptime() + limit
        while true {
            let entry = try await OpenedLog.using(settings, to: .read) { opened in
                try await BacktestBook.read(opened.log).entries[id]
            }
            if let entry, entry.run.status.isFinal { return entry }
            guard time.uptime() < end else {
                throw LogError(.read, .timedOut("the run \(id) has not ended within \(limit)"))
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
