internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON

/// Decisions to trade, taken in over the API.
enum IntakeOperations {
    static func all(_ desk: IntakeDesk, _ reads: ReadDesk) -> [Operation] {
        let reflection = Reflection(reads, in: "trade_decisions", "executions")
        return [
            Operation(
                .post, "/trading/decisions", id: "submitDecision",
                "Put a decision on the log; the role commands answers it there.", for: .trade,
                parameters: reflection.parameters, body: body,
                answers: [Operation.Answer(202, "It is on the log.", answer)], problems: [.conflict, .logUnavailable]
            ) { call in
                let taken = try await taken(desk, call)
                return .json(text(taken, await reflection.reached(taken.place, call)), status: 202)
            }
        ]
    }

    /// A log that hangs keeps nobody waiting for ever; what it takes afterwards is recognised when it comes again.
    private static func taken(_ desk: IntakeDesk, _ call: Call) async throws -> IntakeDesk.Taken {
        let answer = await FirstAnswer.of(IntakeDesk.wait) { () async -> Result<IntakeDesk.Taken, any Error> in
            do {
                return .success(
                    try await desk.take(call.body, by: call.caller.name, CallerTrace(call.request), call.span))
            } catch {
                return .failure(error)
            }
        }
        guard let answer else {
            throw Problem(
                .logUnavailable, "the log did not answer in time and may still record it; send the same again")
        }
        return try answer.get()
    }

    private static let body = Shape.object(
        [
            Shape.Field("account_label", .name(maximum: 64)), Shape.Field("symbol", .name(maximum: 32)),
            Shape.Field("event_ts", .timestamp), Shape.Field("strategy_id", .name(maximum: 128)),
            Shape.Field("timeframe", .name(maximum: 32)), Shape.Field("action", .choice(["buy", "sell"])),
            Shape.Field("qty", .decimal, required: false), Shape.Field("notional", .decimal, required: false),
            Shape.Field("order_type", .name(maximum: 32)), Shape.Field("time_in_force", .name(maximum: 16)),
            Shape.Field("limit_price", .decimal, required: false),
            Shape.Field("stop_price", .decimal, required: false),
            Shape.Field("trail_price", .decimal, required: false),
            Shape.Field("trail_percent", .decimal, required: false),
            Shape.Field("extended_hours", .boolean, required: false),
            Shape.Field(
                "decision_hash", .name(maximum: 64), required: false, "Worked out; one that is given must agree."),
            Shape.Field("identity_params", .any, required: false), Shape.Field("params", .document, required: false),
            Shape.Field("rationale", .text(maximum: 4_096), required: false),
            Shape.Field("reference_quote", .document, required: false),
            Shape.Field("arrival_price", .decimal, required: false),
            Shape.Field("adapter_hint", .name(maximum: 32), required: false),
            Shape.Field("max_slippage_bps", .any, required: false),
            Shape.Field("expires_at", .timestamp, required: false),
            Shape.Field("simulation_context", .document, required: false),
        ], isClosed: true)

    private static let answer = Shape.object(
        [
            Shape.Field("decision_hash", .any, "Also the client order id of the order it becomes."),
            Shape.Field("client_order_id", .any), Shape.Field("event_id", .uuid),
            Shape.Field("position", .any, "topic/partition/offset"),
            Shape.Field("repeated", .boolean, "It was on the log before."),
            Shape.Field("reflected", .boolean, "The read models that were waited for reflect it."),
        ], isClosed: true)

    private static func text(_ taken: IntakeDesk.Taken, _ isThere: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("decision_hash")
            json.string(taken.hash)
            json.key("client_order_id")
            json.string(taken.hash)
            json.key("event_id")
            json.string("\(taken.eventID)")
            json.key("position")
            json.string("\(taken.place)")
            json.key("repeated")
            json.bool(taken.isRepeated)
            json.key("reflected")
            json.bool(isThere)
        }
        return json.finish()
    }
}
