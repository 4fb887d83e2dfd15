import HTTPClient

/// The routes of both shadow lanes; neither sends an order, and neither invents a price.
struct ShadowRoutes: Sendable {
    private let house: RunnerHouse
    private let simulator: UpstreamProxy?
    private let evaluator: UpstreamProxy?

    init(_ house: RunnerHouse) {
        self.house = house
        let upstreams = house.settings.upstreams
        simulator = upstreams.shadow.map { UpstreamProxy(address: $0, timeout: upstreams.timeout) }
        evaluator = upstreams.strategyShadow.map { UpstreamProxy(address: $0, timeout: upstreams.timeout) }
    }

    func add(to routes: inout RunnerRoutes) {
        routes.on("POST", "/v1/shadow/simulate", .shadowSimulate) { [simulator] call throws(RunnerFault) in
            let request = try SimulateRequest(call.request)
            guard let simulator else { return RunnerReply(ShadowSimulation.answer(request)) }
            return RunnerReply(
                UpstreamAuthority.stamped(try await simulator.ask(.post, "", body: try Self.body(call), call)))
        }
        routes.on("POST", "/v1/strategy-shadow/evaluate", .strategyShadow) { [evaluator] call throws(RunnerFault) in
            let request = try EvaluateRequest(call.request)
            guard let evaluator else { return RunnerReply(StrategyEvaluation.answer(request, call.correlationID)) }
            return RunnerReply(
                UpstreamAuthority.stamped(try await evaluator.ask(.post, "", body: try Self.body(call), call)))
        }
    }

    /// What was read strictly is passed on as it came.
    private static func body(_ call: RunnerCall) throws(RunnerFault) -> Document {
        .object(try RequestBody.object(of: call.request))
    }
}

/// What an upstream's answer may claim: one that does not say how much it proves is taken for a scaffold.
enum UpstreamAuthority {
    static func stamped(_ answer: Document) -> Document {
        answer["authority_mode"]?.string == nil
            ? answer.with("authority_mode", .string("deterministic_scaffold")) : answer
    }
}
