internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON

/// What operators can stop, switch and hold over the API, by the code that the command line uses.
enum ControlOperations {
    static func all(_ desk: OperatorDesk, _ sight: ControlSight, _ reads: ReadDesk) -> [Operation] {
        let control = Mutation(reflection: Reflection(reads, in: "control_state"))
        return [
            Operation(
                .get, "/trading/control", id: "getControl", "What is in force.",
                answers: [Operation.Answer(200, "As the log says it.", .document)]
            ) { _ in .json(ControlText.bytes(sight.now, desk.house)) },
            Operation(
                .post, "/trading/control/kill", id: "kill",
                "Stop all new orders at once; latch or log is enough, and no database is needed.",
                for: .operate, body: Mutation.body(), answers: [Operation.Answer(200, "Stopped here.", kill)],
                problems: [.logUnavailable]
            ) { .json(try await desk.kill($0)) },
            control.operation("/trading/control/resume", id: "resume", "End the stop.", problems: [.conflict]) {
                try await desk.resume($0)
            },
            control.operation(
                "/trading/control/emergency-stop/latch", id: "latchEmergencyStop",
                "Latch the emergency stop: no new intents, open orders are cancelled, until it is cleared."
            ) { try await desk.latchEmergency($0) },
            control.operation(
                "/trading/control/emergency-stop/clear", id: "clearEmergencyStop", "Clear the emergency stop.",
                problems: [.conflict]
            ) { try await desk.clearEmergency($0) },
            lane(.disable, "New intents of the lane go to Alpaca.", control, desk),
            lane(.dryRun, "The lane works and records, and nothing follows from it.", control, desk),
            lane(.enable, "The lane may be used again.", control, desk),
            review("open", "Hold new orders of a symbol for a person.", control, desk) { symbol, origin in
                let policy = desk.house.settings.policy
                let now = desk.house.time.now()
                return try await desk.say { ReviewDesk.open(symbol, origin, under: policy, at: now, given: $0) }
            },
            review("clear", "A person has looked: the symbol may trade again.", control, desk) { symbol, origin in
                try await desk.say { ReviewDesk.clear(symbol, origin, given: $0) }
            },
        ]
    }

    private static let kill = Shape.object(
        [
            Shape.Field("engaged", .boolean), Shape.Field("event_id", .uuid), Shape.Field("durable", .boolean),
            Shape.Field("complete", .boolean, "The latch is made, everybody was reached, and the log has it."),
            Shape.Field("reached", .list(.any, maximum: 256)), Shape.Field("not_reached", .list(.any, maximum: 256)),
            Shape.Field("recorded_at", .any),
        ], isClosed: true)

    private static func lane(
        _ change: LaneChange, _ summary: String, _ control: Mutation, _ desk: OperatorDesk
    ) -> Operation {
        let id = change == .dryRun ? "dryRunLane" : "\(change.rawValue)Lane"
        return control.operation(
            "/trading/control/lanes/{lane}/\(change.rawValue)", id: id, summary,
            parameters: [
                Parameter(
                    "lane", in: .path, .choice(LaneChange.laneNames), "The lane; lean is the lane of orders, execution."
                )
            ]
        ) { call in
            guard let lane = LaneChange.lane(named: call.part("lane")) else { throw Problem(.notFound, "no such lane") }
            let order = try desk.origin(call).order(.lane(lane))
            return Mutation.Said(
                "\(change.rawValue) \(lane.rawValue)", at: try await desk.say(change.control(lane, order)))
        }
    }

    /// Symbols stand in the body: some have a slash.
    private static func review(
        _ verb: String, _ summary: String, _ control: Mutation, _ desk: OperatorDesk,
        _ say: @escaping @Sendable (Symbol, OperatorOrigin) async throws -> RecordPosition?
    ) -> Operation {
        control.operation(
            "/trading/control/reviews/\(verb)", id: "\(verb)Review", summary,
            fields: [Shape.Field("symbol", .name(maximum: 32), "As AAPL or BTC/USD.")], problems: [.conflict]
        ) { call in
            let symbol = try BodyReading.read(call) { try Symbol($0.field("symbol")?.string ?? "") }
            let place = try await say(symbol, try desk.origin(call))
            guard let place else {
                return Mutation.Said(
                    verb == "open" ? "\(symbol) is under review already" : "no review of \(symbol) is open", at: nil)
            }
            return Mutation.Said(
                verb == "open" ? "\(symbol) is under review" : "\(symbol) may trade again", at: place)
        }
    }
}
