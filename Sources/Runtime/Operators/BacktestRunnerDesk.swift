public import Core
public import Domain
internal import HTTPClient
internal import JSON
internal import Lanes

/// What only the runner can do for a backtest: say how far it is, stop it, and hand out its files.
public struct BacktestRunnerDesk: Sendable {
    /// Why the runner did not do it.
    public enum Refusal: Error, Equatable, CustomStringConvertible {
        /// It knows no such run, or no such file of it.
        case missing(String)
        /// It does, and says no: the run has ended.
        case refused(String)
        /// It is away, or not well.
        case unavailable(String)

        public var description: String {
            switch self {
            case .missing(let why), .refused(let why), .unavailable(let why): why
            }
        }
    }

    private let runner: LaneRunner

    /// `nil` when no runner is named (`TRADING_LEAN_RUNNER_URL`).
    public init?(_ settings: Settings) {
        guard let address = settings.policy.policy.routing.runnerAddress else { return nil }
        var runner = settings.laneRunner(address.text)
        runner.limits.maximumResponseBytes = Self.maximumFileBytes
        self.runner = LaneRunner(runner)
    }

    /// Larger files stay at the runner.
    static let maximumFileBytes = 16 << 20

    /// A name that can be part of a path, and of no other than this one.
    public static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// The run as the runner has it, with its progress.
    public func state(of id: String) async throws(Refusal) -> [UInt8] { try await get("/v1/backtests/\(id)", id) }

    /// The list of a run's files.
    public func artifacts(of id: String) async throws(Refusal) -> [UInt8] {
        try await get("/v1/runs/\(id)/artifacts", id)
    }

    /// One file.
    public func artifact(_ name: String, of id: String) async throws(Refusal) -> [UInt8] {
        guard Self.isPlain(name) else { throw .missing("'\(name)' is no name of a file") }
        return try await get("/v1/runs/\(id)/artifacts/\(name)", id)
    }

    /// Tells the runner to stop a run; the role `lanes` sees that it did, and writes it down.
    public func cancel(_ id: String, by actor: ActorName, for reason: Prose) async throws(Refusal) {
        var body = JSONWriter()
        body.object { json in
            json.key("requested_by")
            json.string(actor.text)
            json.key("reason")
            json.string(reason.text)
        }
        let reply = await runner.post(
            "/v1/backtests/\(try plain(id))/cancel", body.finish(), correlationID: try correlation(id))
        if case .failure(let fault) = reply.result { throw Self.refusal(fault, id) }
    }

    private func get(_ path: String, _ id: String) async throws(Refusal) -> [UInt8] {
        _ = try plain(id)
        switch await runner.get(path, correlationID: try correlation(id)).result {
        case .success(let body): return body
        case .failure(let fault): throw Self.refusal(fault, id)
        }
    }

    private func plain(_ id: String) throws(Refusal) -> String {
        guard Self.isPlain(id) else { throw .missing("'\(id)' is no name of a run") }
        return id
    }

    private func correlation(_ id: String) throws(Refusal) -> CorrelationID {
        do { return try CorrelationID("torghut-backtest-\(id)") } catch {
            throw .missing("'\(id)' is no name of a run")
        }
    }

    /// A refusal is an answer; a runner that is away is a failure.
    private static func refusal(_ fault: LaneFault, _ id: String) -> Refusal {
        var parser = JSONParser()
        let detail = (try? parser.parse(fault.body))?.field("detail")?.string ?? fault.reason
        switch fault.status {
        case 404: return .missing("\(id): \(detail)")
        case 409, 501: return .refused("\(id): \(detail)")
        default: return .unavailable("the runner: \(fault.reason)")
        }
    }
}
