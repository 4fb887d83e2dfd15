internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON
internal import Lanes

/// Backtests over the API: asked for by an event, which the role `lanes` has the runner answer; looked after and
/// stopped at the runner.
struct BacktestOperations: Sendable {
    private let operators: OperatorDesk
    private let reflection: Reflection
    private let runner: BacktestRunnerDesk?

    static func all(_ operators: OperatorDesk, _ reads: ReadDesk) -> [Operation] {
        let own = BacktestOperations(
            operators: operators, reflection: Reflection(reads, in: "lean_backtest_runs"),
            runner: BacktestRunnerDesk(operators.house.settings))
        return [own.submit, own.progress, own.equity, own.cancel]
    }

    private var submit: Operation {
        Operation(
            .post, "/trading/lean/backtests", id: "submitBacktest",
            "Ask for a backtest; the same configuration in the same lane is the same run.", for: .operate,
            parameters: reflection.parameters,
            body: .object(
                [
                    Shape.Field(
                        "lane",
                        .choice(["research_backtest", "research", "shadow_replay", "shadow"]), required: false,
                        "research_backtest unless it is said."),
                    Shape.Field("config", .document, "Symbols, data, strategies or orders, execution."),
                ], isClosed: true),
            answers: [Operation.Answer(202, "It is on the log, or was.", Self.answer)], problems: [.logUnavailable]
        ) { call in
            let (lane, config) = try Self.asked(call)
            // Safe: a token's name keeps the rules of names.
            let actor = try ActorName(call.caller.name)
            let (house, log) = (operators.house, operators.log)
            let asked = try await operators.within(OperatorDesk.wait) {
                try await BacktestAsk.ask(
                    config, lane: lane, by: actor, at: house.time.now(), source: OperatorDesk.source,
                    nonce: house.process, on: log)
            }
            return .json(Self.text(asked, await reflection.reached(asked.place, call)), status: 202)
        }
    }

    private static func asked(_ call: Call) throws -> (lane: String, config: CanonicalConfig) {
        try BodyReading.read(call) { root in
            guard let lane = CanonicalConfig.lane(named: root.field("lane")?.string ?? "research_backtest") else {
                throw BodyReading.fault("lane", "research_backtest or shadow_replay")
            }
            let text = root.field("config")?.sourceText ?? ""
            do { return (lane, try CanonicalConfig(Array(text.utf8))) } catch let refusal as CanonicalConfig.Refusal {
                throw BodyReading.fault("config", refusal.description)
            }
        }
    }

    private static let answer = Shape.object(
        [
            Shape.Field("backtest_id", .name(maximum: 64)), Shape.Field("status", .any),
            Shape.Field("lane", .any), Shape.Field("reproducibility_hash", .name(maximum: 64)),
            Shape.Field("requested_by", .any, "Who asked first."), Shape.Field("created_at", .timestamp),
            Shape.Field("repeated", .boolean, "It is open, or has a result: nothing had to be said."),
            Shape.Field("position", .any, "topic/partition/offset of the asking; null when it was repeated."),
            Shape.Field("reflected", .boolean, "The read model reflects it."),
        ], isClosed: true)

    private static func text(_ asked: BacktestAsk.Asked, _ isReflected: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("backtest_id")
            json.string(asked.run.backtestID.text)
            json.key("status")
            json.string(asked.run.status.rawValue)
            json.key("lane")
            json.string(asked.run.lane.text)
            json.key("reproducibility_hash")
            json.string("\(asked.run.reproducibilityHash)")
            json.key("requested_by")
            json.string(asked.run.requestedBy.text)
            json.key("created_at")
            json.string("\(asked.run.submittedAt)")
            json.key("repeated")
            json.bool(asked.place == nil)
            json.key("position")
            if let place = asked.place { json.string("\(place)") } else { json.null() }
            json.key("reflected")
            json.bool(isReflected)
        }
        return json.finish()
    }
}

extension BacktestOperations {
    static let id = Parameter("id", in: .path, .name(maximum: 64), "The backtest's id.")

    private var progress: Operation {
        Operation(
            .get, "/trading/lean/backtests/{id}/progress", id: "getBacktestProgress",
            "How far the runner is with a backtest, as it says itself.", parameters: [Self.id],
            answers: [Operation.Answer(200, "As the runner has it.", .document)],
            problems: [.notFound, .conflict, .runnerUnavailable]
        ) { call in
            let id = call.part("id")
            let body = try await asking { runner async throws(BacktestRunnerDesk.Refusal) in
                try await runner.state(of: id)
            }
            var parser = JSONParser()
            guard let root = try? parser.parse(body), root.isOf(.object) else {
                throw Problem(.runnerUnavailable, "the runner's answer is no JSON object")
            }
            var text: [UInt8] = []
            root.minify(into: &text)
            return .json(text)
        }
    }

    private var cancel: Operation {
        Operation(
            .post, "/trading/lean/backtests/{id}/cancel", id: "cancelBacktest",
            "Have the runner stop a backtest; the role lanes writes down that it did.", for: .operate,
            parameters: [Self.id], body: Mutation.body(),
            answers: [
                Operation.Answer(
                    202, "The runner was told.",
                    .object(
                        [Shape.Field("backtest_id", .any), Shape.Field("cancel_requested", .boolean)], isClosed: true))
            ], problems: [.notFound, .conflict, .runnerUnavailable]
        ) { call in
            let (id, word) = (call.part("id"), try operators.word(call))
            try await asking { runner async throws(BacktestRunnerDesk.Refusal) in
                try await runner.cancel(id, by: word.actor, for: word.reason)
            }
            var json = JSONWriter()
            json.object { json in
                json.key("backtest_id")
                json.string(id)
                json.key("cancel_requested")
                json.bool(true)
            }
            return .json(json.finish(), status: 202)
        }
    }

    func asking<Value: Sendable>(
        _ question: (BacktestRunnerDesk) async throws(BacktestRunnerDesk.Refusal) -> Value
    ) async throws -> Value {
        guard let runner else {
            throw Problem(.conflict, "no runner is set up here (TRADING_LEAN_RUNNER_URL)")
        }
        do throws(BacktestRunnerDesk.Refusal) { return try await question(runner) } catch {
            switch error {
            case .missing(let why): throw Problem(.notFound, why)
            case .refused(let why): throw Problem(.conflict, why)
            // Where the runner is, and what the connection to it met, is for our own log.
            case .unavailable: throw Problem(.runnerUnavailable, "the runner does not answer as it should")
            }
        }
    }
}
