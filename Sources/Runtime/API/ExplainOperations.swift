internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import Postgres

/// An order's story over HTTP, as the command line tells it.
enum ExplainOperations {
    /// Readings of the log that go on at once; more wait for their turn.
    private static let readings = 2

    static func all(_ house: House, _ database: PostgresSettings) -> [Operation] {
        let turns = ReadingTurns(readings)
        return [
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
                let id = call.part("id")
                let story = try await turns.take {
                    let hint = StoryHints.find(id, in: database)
                    return try await StorySearch(house.log).story(named: id, at: house.time.now(), hint: hint)
                }
                guard let story else { throw Problem(.notFound, "no record names this id") }
                return .json(StoryJSON.bytes(StoryAccount(story)))
            }
        ]
    }
}

/// So many at once: each reads a part of the log, and the disk is everybody's.
private actor ReadingTurns {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func take<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
        defer { if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() } }
        return try await body()
    }
}
