internal import API
internal import HTTPServer

/// Can we continue safely: what `torghut status` says.
enum SafetyOperations {
    static func all(_ sight: SafetySight) -> [Operation] {
        [
            Operation(
                .get, "/trading/safety", id: "getSafety", "Can trading go on safely, and every reason why not.",
                answers: [
                    Operation.Answer(
                        200, "As it is now, also when it should not.", shape,
                        headers: [
                            Operation.Header(
                                ReadDesk.position, "How far the log had been folded, partition by partition.")
                        ])
                ]
            ) { _ in
                let look = await sight.look()
                return HTTPServerResponse(
                    status: 200,
                    headers: [
                        ("Content-Type", "application/json"), ("Cache-Control", "no-store"),
                        (ReadDesk.position, look.position),
                    ], body: .bytes(look.safety.json()))
            }
        ]
    }

    private static let finding = Shape.object(
        [
            Shape.Field("what", .text(maximum: 64), "What was looked at."),
            Shape.Field("name", .text(maximum: 1_024), "Which one."),
            Shape.Field("state", .text(maximum: 1_024), "How it is."),
            Shape.Field("reason", .nullable(.any), "Why trading should not go on, when this speaks against it."),
            Shape.Field("next", .nullable(.any), "What to do about it."),
        ], isClosed: true)

    private static let shape = Shape.object(
        [
            Shape.Field("safe", .boolean, "Nothing speaks against going on."),
            Shape.Field("looked_at", .timestamp),
            Shape.Field("reasons", .list(finding, maximum: 10_000), "The findings that speak against it."),
            Shape.Field("findings", .list(finding, maximum: 10_000), "Everything that was looked at."),
        ], isClosed: true)
}
