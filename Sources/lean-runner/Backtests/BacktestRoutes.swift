import Backtesting
import HTTPServer

/// The routes of backtests: another runner's where an upstream is named, else those of the desk in this one.
struct BacktestRoutes: Sendable {
    private let house: RunnerHouse
    private let upstream: BacktestUpstream?
    private let clerk: BacktestClerk
    private let reader = ArtifactReader()
    private let beginning: Task<Void, Never>

    init(_ house: RunnerHouse) {
        self.house = house
        upstream = house.settings.upstreams.backtest.map {
            BacktestUpstream(UpstreamProxy(address: $0, timeout: house.settings.upstreams.timeout))
        }
        let clerk = BacktestClerk(house)
        self.clerk = clerk
        beginning = Task.detached { await clerk.begin() }
    }

    /// The run that is under way is cut off; it begins again when the runner is back.
    func stop() async {
        beginning.cancel()
        await clerk.close()
    }

    func add(to routes: inout RunnerRoutes) {
        for path in ["/v1/backtests", "/v1/backtests/submit"] {
            routes.on("POST", path, .submitBacktest) { call async throws(RunnerFault) in
                try await submit(call, as: nil)
            }
        }
        routes.on("POST", "/v1/shadow-replay", .shadowReplay) { call async throws(RunnerFault) in
            try await submit(call, as: .shadowReplay)
        }
        routes.on("GET", "/v1/backtests", .getBacktest) { _ async throws(RunnerFault) in
            let states = try await clerk.ask { $0.all() }
            return RunnerReply(.object(["backtests": .array(states.map { BacktestAnswer.brief($0) })]))
        }
        for kind in ["backtests", "runs"] {
            routes.on("GET", "/v1/\(kind)/:id", .getBacktest) { call async throws(RunnerFault) in
                if let upstream { return try await upstream.get(call) }
                let (state, progress) = try await found(call)
                return RunnerReply(BacktestAnswer.whole(state, progress))
            }
            routes.on("POST", "/v1/\(kind)/:id/cancel", .cancelBacktest) { call async throws(RunnerFault) in
                try await cancel(call)
            }
            routes.on("GET", "/v1/\(kind)/:id/artifacts", .getArtifacts) { call async throws(RunnerFault) in
                if let upstream { return try await upstream.artifacts(call) }
                return RunnerReply(BacktestAnswer.artifacts(try await found(call).state))
            }
            routes.on("GET", "/v1/\(kind)/:id/artifacts/:name", .getArtifacts) { call async throws(RunnerFault) in
                try await artifact(call)
            }
        }
    }

    private func submit(_ call: RunnerCall, as forced: BacktestIdentity.Lane?) async throws(RunnerFault) -> RunnerReply
    {
        let fields = try RequestBody.strict(of: call.request)
        let named = fields.optionalText("lane")
        let config = fields.openObject("config")
        if config == nil { fields.report("config", "is missing") }
        let lane = named.map { BacktestIdentity.Lane(named: $0) } ?? .research
        if lane == nil { fields.report("lane", "is neither research_backtest nor shadow_replay") }
        try fields.finish()
        guard let config, let lane else { throw .invalid("config is missing") }
        let identity = BacktestIdentity(config, in: forced ?? lane)
        if let upstream { return try await upstream.submit(config, identity, call) }
        // A launcher has a configuration of its own; ours is refused at once when it could not run.
        if house.settings.launcher.command == nil { _ = try BacktestPlan(config) }
        let key = call.idempotencyKey
        let (state, isReplay) = try await clerk.ask { desk throws(RunnerFault) in
            try desk.submit(identity, config: config, key: key)
        }
        var reply = RunnerReply(BacktestAnswer.brief(state))
        reply.isReplay = isReplay
        return reply
    }

    private func found(
        _ call: RunnerCall
    ) async throws(RunnerFault) -> (state: BacktestState, progress: Document?) {
        let id = call.parameters["id"]
        guard BacktestIdentity.isID(id), let found = try await clerk.ask({ $0.state(of: id) }) else {
            throw .missing("backtest_not_found")
        }
        return found
    }

    private func cancel(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        guard upstream == nil else {
            throw RunnerFault(
                501, nil, code: "not_offered", detail: "the upstream's contract has no cancel", taxonomy: .upstream)
        }
        var who = "a caller of the runner"
        if !call.request.body.isEmpty {
            let fields = try RequestBody.strict(of: call.request)
            who = fields.optionalText("requested_by").map { String($0.prefix(128)) } ?? who
            if let reason = fields.optionalText("reason") { who += ": " + reason.prefix(256) }
            try fields.finish()
        }
        let (id, name) = (try await found(call).state.id, who)
        let state = try await clerk.ask { desk throws(RunnerFault) in try desk.cancel(id, by: name) }
        return RunnerReply(BacktestAnswer.brief(state).with("cancel_requested", .bool(true)))
    }

    private func artifact(_ call: RunnerCall) async throws(RunnerFault) -> RunnerReply {
        let (state, _) = try await found(call)
        guard let artifact = state.artifacts.first(where: { $0.name == call.parameters["name"] }) else {
            throw .missing("artifact_not_found")
        }
        let bytes: [UInt8]?
        let store = try await clerk.ask { $0.store }
        do throws(BacktestStore.Failure) { bytes = try await reader.read(artifact, of: state.id, in: store) } catch {
            throw RunnerFault(
                503, nil, code: "backtest_store_unavailable", detail: error.description, taxonomy: .ledger)
        }
        guard let bytes else {
            throw RunnerFault(
                500, nil, code: "artifact_damaged", detail: "\(artifact.name) is not what it was when the run ended",
                taxonomy: .ledger)
        }
        return RunnerReply(
            plain: HTTPServerResponse(
                status: 200,
                headers: [("Content-Type", artifact.contentType), ("ETag", "\"\(artifact.sha256)\"")],
                body: .bytes(bytes)))
    }
}
