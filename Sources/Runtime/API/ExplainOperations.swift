internal import API
internal import Core
internal import Domain
internal import HTTPServer

/// An order's story over HTTP, as the command line tells it.
enum ExplainOperations {
    static func all(_ desk: ExplainDesk) -> [Operation] {
        [
            Operation(
                .get, "/trading/explain/{id}", id: "explainOrder",
                "What happened to an order and why: every event with its position, and what is missing.",
                parameters: [
                    Parameter(
                        "id", in: .path, .name(maximum: 256),
                        "An order, decision, intent, client order id or event, by its id.")
                ],
                answers: [Operation.Answer(200, "The story.", .document)],
                problems: [.notFound, .logUnavailable]
            ) { call in
                guard let story = try await desk.story(call.part("id")) else {
                    throw Problem(.notFound, "no record names this id")
                }
                return .json(StoryJSON.bytes(StoryAccount(story)))
            }
        ]
    }
}
