import Core
import Domain
import Glibc
import JSON
import Lanes
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
        var body = JSONWriter()
        body.object { json in
            json.key("requested_by")
            json.string(word.actor.text)
            json.key("reason")
            json.string(word.reason.text)
        }
        let reply = await (try runner(invocation)).post(
            "/v1/backtests/\(id)/cancel", body.finish(), correlationID: try correlation(id))
        switch reply.result {
        case .success:
            try StandardOutput().line("the runner was told to stop \(id)")
            return .ok
        case .failure(let fault): return refused(fault, id)
        }
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
        let reply = await runner.get("/v1/runs/\(id)/artifacts", correlationID: try correlation(id))
        let answer: [UInt8]
        switch reply.result {
        case .success(let body): answer = body
        case .failure(let fault): return refused(fault, id)
        }
        var listing = Listing("name", "content_type", "bytes", "sha256")
        var names: [String] = []
        var parser = JSONParser()
        if var elements = try parser.parse(answer).field("artifacts")?.elements() {
            while let element = elements.next() {
                guard let name = element.field("name")?.string, isPlain(name) else { continue }
                names.append(name)
                listing.add(
                    .text(name), .optional(element.field("content_type")?.string),
                    element.field("bytes")?.int64.map { .number($0) } ?? .none,
                    .optional(element.field("sha256")?.string))
            }
        }
        if let folder = invocation.value("output") {
            for name in names {
                let file = await runner.get("/v1/runs/\(id)/artifacts/\(name)", correlationID: try correlation(id))
                switch file.result {
                case .success(let bytes): try write(bytes, to: "\(folder)/\(name)")
                case .failure(let fault): return refused(fault, id)
                }
            }
        }
        try listing.print(json: invocation.json)
        return .ok
    }

    private static func runID(_ invocation: Invocation) throws(UsageError) -> String {
        let id = try invocation.requiredOperand()
        guard isPlain(id), id.utf8.count <= 64 else { throw UsageError("'\(id)' is no name of a run") }
        return id
    }

    /// A name that can be part of a path, and of no other than this one.
    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".")
            && name.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic && $0.isASCII || ("0"..."9").contains($0)
                    || "._-".unicodeScalars.contains($0)
            }
    }

    private static func correlation(_ id: String) throws -> CorrelationID {
        try CorrelationID("torghut-backtest-\(id)")
    }

    private static func runner(_ invocation: Invocation) throws(UsageError) -> LaneRunner {
        let settings = try invocation.settings()
        guard let address = settings.policy.policy.routing.runnerAddress else {
            throw UsageError("TRADING_LEAN_RUNNER_URL is not set")
        }
        return LaneRunner(
            LaneRunnerSettings(
                address: address.text, token: settings.value(of: "TRADING_LEAN_RUNNER_TOKEN").map { Secret($0) }))
    }

    /// A refusal is an answer; a runner that is away is a failure.
    private static func refused(_ fault: LaneFault, _ id: String) -> ExitCode {
        guard fault.status == 404 || fault.status == 409 else {
            StandardError.line("torghut: the runner: \(fault.reason)")
            return .failure
        }
        var parser = JSONParser()
        let detail = (try? parser.parse(fault.body))?.field("detail")?.string
        StandardError.line("torghut: \(id): \(detail ?? fault.reason)")
        return .no
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
