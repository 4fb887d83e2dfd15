internal import API
internal import Commands
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON
internal import Wire

/// What operators can change over the API: each is one event with actor and reason, or several.
enum ControlOperations {
    static func all(_ desk: OperatorDesk, _ sight: ControlSight) -> [Operation] {
        [
            Operation(
                .get, "/trading/control", id: "getControl", "What is in force.",
                answers: [Operation.Answer(200, "As the log says it.", .document)]
            ) { _ in .json(ControlText.bytes(sight.now, desk.house)) },
            Operation(
                .post, "/trading/control/kill", id: "kill",
                "Stop all new orders at once; needs no log and no database.",
                for: .operate, body: reason(), answers: [Operation.Answer(200, "Stopped here.", kill)]
            ) { .json(try await desk.kill($0)) },
            Operation(
                .post, "/trading/control/resume", id: "resume", "End the stop.", for: .operate, body: reason(),
                answers: [Operation.Answer(200, "It has ended.", said)], problems: [.conflict, .logUnavailable]
            ) { .json(try await desk.resume($0)) },
            Operation(
                .post, "/trading/control/emergency-stop/clear", id: "clearEmergencyStop", "Clear the emergency stop.",
                for: .operate, body: reason(), answers: [Operation.Answer(200, "It is cleared.", said)],
                problems: [.conflict, .logUnavailable]
            ) { .json(try await desk.clearEmergency($0)) },
            lane("disable", "New intents of the lane go to Alpaca.", desk) {
                .laneDisabled(LaneDisabled(order: $1, lane: $0))
            },
            lane("enable", "The lane may be used again.", desk) { .laneEnabled(LaneEnabled(order: $1, lane: $0)) },
            overrides(desk),
        ]
    }

    private static func reason(_ more: Shape.Field...) -> Shape {
        .object(
            [Shape.Field("reason", .text(maximum: 1_000), "Why; recorded in the event.")] + more, isClosed: true)
    }

    private static let said = Shape.object(
        [Shape.Field("what", .any), Shape.Field("said_at", .any, "topic/partition/offset of the event")],
        isClosed: true)

    private static let kill = Shape.object(
        [
            Shape.Field("engaged", .boolean), Shape.Field("event_id", .uuid), Shape.Field("durable", .boolean),
            Shape.Field("complete", .boolean, "Everybody was reached, and the log has it."),
            Shape.Field("reached", .list(.any, maximum: 256)), Shape.Field("not_reached", .list(.any, maximum: 256)),
            Shape.Field("recorded_at", .any),
        ], isClosed: true)

    private static func lane(
        _ verb: String, _ summary: String, _ desk: OperatorDesk,
        _ make: @escaping @Sendable (Lane, ControlOrder) -> Control
    ) -> Operation {
        Operation(
            .post, "/trading/control/lanes/{lane}/\(verb)", id: "\(verb)Lane", summary, for: .operate,
            parameters: [
                Parameter("lane", in: .path, .choice(Lane.allCases.map(\.rawValue)), "The lane; execution is LEAN's.")
            ], body: reason(), answers: [Operation.Answer(200, "It is said.", said)], problems: [.logUnavailable]
        ) { call in
            guard let lane = Lane(rawValue: call.part("lane")) else { throw Problem(.notFound, "no such lane") }
            let order = try desk.order(call, .lane(lane))
            let place = try await desk.say { _ in make(lane, order) }
            return .json(OperatorDesk.said(place, "\(verb) \(lane.rawValue)"))
        }
    }

    private static func overrides(_ desk: OperatorDesk) -> Operation {
        Operation(
            .post, "/trading/control/overrides", id: "grantOverride",
            "Vouch for one thing about one intent, for a while.", for: .operate,
            body: reason(
                Shape.Field("kind", .choice(OverrideKind.allCases.map(\.rawValue))), Shape.Field("intent_id", .uuid),
                Shape.Field("attempt_id", .uuid, required: false),
                Shape.Field("adapter", .choice(["lean", "alpaca"]), required: false, "route needs it."),
                Shape.Field(
                    "alpaca_order_id", .name(maximum: 64), required: false, "attempt_live needs it."),
                Shape.Field(
                    "expires_in_seconds", .integer(1...86_400), required: false, "600 unless it is said."),
                Shape.Field("evidence", .document, required: false, "What was seen.")),
            answers: [Operation.Answer(200, "It is granted.", said)], problems: [.logUnavailable]
        ) { call in
            let granted = try OverrideBody.read(call, desk)
            let place = try await desk.say { _ in .overrideGranted(granted) }
            return .json(OperatorDesk.said(place, "override \(granted.kind.rawValue)"))
        }
    }
}

/// The body of an exception, as the event it becomes.
private enum OverrideBody {
    static func read(_ call: Call, _ desk: OperatorDesk) throws -> OverrideGranted {
        var parser = JSONParser()
        let root = try parser.parse(call.body)
        do {
            guard let kind = OverrideKind(rawValue: root.field("kind")?.string ?? "") else {
                throw fault("kind", "unknown")
            }
            let intent = try unsafe IntentID.read((root.field("intent_id")?.string ?? "").utf8.span.bytes)
            var attempt: AttemptID?
            if let text = root.field("attempt_id")?.string { attempt = try unsafe AttemptID.read(text.utf8.span.bytes) }
            let adapter = root.field("adapter")?.string.flatMap { Adapter(rawValue: $0) }
            var order: BrokerOrderID?
            if let text = root.field("alpaca_order_id")?.string { order = try BrokerOrderID(text) }
            var evidence: CompactJSON?
            if let value = root.field("evidence") { evidence = try CompactJSON(parsing: Array(value.sourceText.utf8)) }
            if kind == .route, adapter == nil { throw fault("adapter", "missing: route needs it") }
            if kind == .attemptLive, order == nil { throw fault("alpaca_order_id", "missing: attempt_live needs it") }
            let seconds = root.field("expires_in_seconds")?.int64 ?? 600
            return OverrideGranted(
                order: try desk.order(call, .intent(intent)), kind: kind, intentID: intent, attemptID: attempt,
                adapter: adapter, alpacaOrderID: order,
                expiresAt: desk.house.time.now().advanced(by: .seconds(seconds)), evidence: evidence)
        } catch let error as Problem {
            throw error
        } catch { throw Problem(.invalidBody, "the body cannot be used: \(error)") }
    }

    private static func fault(_ name: String, _ reason: String) -> Problem {
        Problem(.invalidBody, "the body has another shape", faults: [Problem.Fault("$.\(name)", reason)])
    }
}
