internal import Foundation
public import HTTPClient

/// `lean-runner` in a process of its own, on a free port, over a broker; it ends with its owner.
public final class RunnerProgram: Sendable {
    public struct Answer: Sendable {
        public let status: Int
        public let json: JSONAnswer

        /// The field `code`, which names why.
        public var code: String { json("code", as: String.self) ?? "" }
        public var outcome: String { json("outcome", as: String.self) ?? "" }
        public var isReplay: Bool? { json("_lean_audit", "idempotent_replay", as: Bool.self) }
    }

    public struct NotStarted: Error, CustomStringConvertible {
        public let status: Int32
        public let said: String
        public var description: String { "lean-runner ended with \(status): \(said)" }
    }

    /// Beside the simulator, where the build puts all programs.
    public static let path: String =
        URL(filePath: Simulator.path).deletingLastPathComponent().path() + "lean-runner"

    private let process = Process()
    private let input = Pipe()
    private let sayings: String
    public let port: Int
    private let pool = HTTPPool(lanes: 32, limits: HTTPLimits(totalTimeout: .seconds(60)))
    private let token: String?

    /// `environment` goes before what a runner needs: credentials, and waits that a test can live with.
    public init(
        broker: String, data: String, arguments: [String] = [], environment: [String: String] = [:], port: Int = 0
    ) throws {
        sayings = data + "/said-\(UUID().uuidString).log"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: sayings))
        var variables = ProcessInfo.processInfo.environment.filter { name, _ in
            !["TORGHUT_", "TRADING_", "APCA_", "LEAN_"].contains { name.hasPrefix($0) }
        }
        variables.merge([
            "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret", "TRADING_EXECUTION_DEADLINE_MARGIN_SECONDS": "1",
        ]) { $1 }
        variables.merge(environment) { $1 }
        token = variables["TRADING_LEAN_RUNNER_TOKEN"]
        let output = Pipe()
        process.executableURL = URL(filePath: Self.path)
        process.arguments =
            ["--port", "\(port)", "--data", data + "/runner", "--broker-url", broker, "--until-eof"] + arguments
        process.environment = variables
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: sayings)
        try process.run()
        var line = Data()
        while line.last != 10 {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                process.waitUntilExit()
                let said = (try? String(contentsOfFile: sayings, encoding: .utf8)) ?? ""
                throw NotStarted(status: process.terminationStatus, said: said)
            }
            line += more
        }
        self.port = JSONAnswer(Array(line))("http", as: Int.self) ?? 0
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    public var processID: Int32 { process.processIdentifier }
    public var isRunning: Bool { process.isRunning }
    public var address: String { "http://127.0.0.1:\(port)" }

    /// All it wrote to its log.
    public func said() throws -> String { try String(contentsOfFile: sayings, encoding: .utf8) }

    /// Its own child, so no other process can have this number before it is waited for.
    public func signal(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// The exit code, or the signal as a negative number.
    ///
    /// Asked of the system: Foundation hears of an end only when everybody who inherited its pipe has ended too, and a
    /// launcher that outlives its runner is what some tests are about.
    @discardableResult
    public func ended() async throws -> Int32 {
        let id = id_t(process.processIdentifier)
        let ended: Int32 = try await aside {
            var info = unsafe siginfo_t()
            while unsafe waitid(P_PID, id, &info, WEXITED | WNOWAIT) < 0 {
                // Reaped already.
                guard errno == EINTR else { return Int32.min }
            }
            // `si_status` lies behind pid and uid, six numbers in.
            let status = unsafe withUnsafeBytes(of: info) {
                unsafe $0.loadUnaligned(fromByteOffset: 24, as: Int32.self)
            }
            return unsafe info.si_code == 1 ? status : -status
        }
        guard ended == Int32.min else { return ended }
        let process = UncheckedProcess(process)
        return try await aside { process.wait() }
    }

    public func killed() async throws {
        signal(SIGKILL)
        try await ended()
    }

    public func stopped() async throws -> Int32 {
        signal(SIGTERM)
        return try await ended()
    }

    /// `nil` when no answer came: the program died on the way.
    public func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil,
        headers: [(name: String, value: String)] = []
    ) async -> Answer? {
        var all = headers
        if let token, !headers.contains(where: { $0.name == "Authorization" }) {
            all.append(("Authorization", "Bearer " + token))
        }
        if body != nil, !headers.contains(where: { $0.name == "Content-Type" }) {
            all.append(("Content-Type", "application/json"))
        }
        let request = HTTPRequest(method, address + path, headers: all, body: Array((body ?? "").utf8))
        guard case .success(let response) = await pool.exchange(request).result else { return nil }
        return Answer(status: response.status, json: JSONAnswer(response.body))
    }

    /// The process is only waited for, from one thread at a time.
    private struct UncheckedProcess: @unchecked Sendable {
        private let process: Process
        init(_ process: Process) { self.process = process }

        func wait() -> Int32 {
            process.waitUntilExit()
            return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }
    }
}
