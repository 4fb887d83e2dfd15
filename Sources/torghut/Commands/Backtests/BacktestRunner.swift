import Core
import Domain
import Glibc
import JSON
import Runtime

/// What only the runner can do for a run: stop it, and hand out its files.
enum BacktestRunner {
    static let cancel = Command(
        "backtest cancel", "stop a backtest",
        details: """
            Asks the runner of TRADING_LEAN_RUNNER_URL to stop the run; the role lanes sees that it did and writes it \
            down. A run that waits is over at once, one that is under way soon.
            """,
        options: OperatorWord.options,
        operand: Operand(name: "ID", summary: "the run"),
        answerNo: "there is no such run, or it has ended"
    ) { invocation in
        let word = try OperatorWord(invocation)
        let id = try runID(invocation)
        let runner = try runner(invocation)
        do throws(BacktestRunnerDesk.Refusal) { try await runner.cancel(id, by: word.actor, for: word.reason) } catch {
            return refused(error)
        }
        try StandardOutput().line("the runner was told to stop \(id)")
        return .ok
    }

    static let artifacts = Command(
        "backtest artifacts", "list the files of a backtest, or fetch them",
        details: "From the runner of TRADING_LEAN_RUNNER_URL, which keeps them.",
        options: [.valued("output", "DIR", "write the files into this folder, which must exist")],
        operand: Operand(name: "ID", summary: "the run"),
        answerNo: "there is no such run"
    ) { invocation in
        let id = try runID(invocation)
        let runner = try runner(invocation)
        let answer: [UInt8]
        do throws(BacktestRunnerDesk.Refusal) { answer = try await runner.artifacts(of: id) } catch {
            return refused(error)
        }
        var listing = Listing("name", "content_type", "bytes", "sha256")
        var names: [String] = []
        var parser = JSONParser()
        if var elements = try parser.parse(answer).field("artifacts")?.elements() {
            while let element = elements.next() {
                guard let name = element.field("name")?.string, BacktestRunnerDesk.isPlain(name) else { continue }
                names.append(name)
                listing.add(
                    .text(name), .optional(element.field("content_type")?.string),
                    element.field("bytes")?.int64.map { .number($0) } ?? .none,
                    .optional(element.field("sha256")?.string))
            }
        }
        if let folder = invocation.value("output") {
            for name in names {
                let bytes: [UInt8]
                do throws(BacktestRunnerDesk.Refusal) { bytes = try await runner.artifact(name, of: id) } catch {
                    return refused(error)
                }
                try write(bytes, to: "\(folder)/\(name)")
            }
        }
        try listing.print(json: invocation.json)
        return .ok
    }

    private static func runID(_ invocation: Invocation) throws(UsageError) -> String {
        let id = try invocation.requiredOperand()
        guard BacktestRunnerDesk.isPlain(id) else { throw UsageError("'\(id)' is no name of a run") }
        return id
    }

    private static func runner(_ invocation: Invocation) throws(UsageError) -> BacktestRunnerDesk {
        guard let desk = BacktestRunnerDesk(try invocation.settings()) else {
            throw UsageError("TRADING_LEAN_RUNNER_URL is not set")
        }
        return desk
    }

    /// A refusal is an answer; a runner that is away is a failure.
    private static func refused(_ refusal: BacktestRunnerDesk.Refusal) -> ExitCode {
        StandardError.line("torghut: \(refusal)")
        switch refusal {
        case .missing, .refused: return .no
        case .unavailable: return .failure
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(UsageError) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw UsageError("cannot write \(path): \(TerminalError.text(errno))") }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[written...])
                return unsafe Glibc.write(file, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw UsageError("cannot write \(path): \(TerminalError.text(errno))") }
            written += count
        }
    }
}
