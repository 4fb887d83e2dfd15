internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON

/// Scenarios of the simulated broker, for the console's buttons; without a simulator in use there is nothing here.
struct SimulatorOperations: Sendable {
    static let maximumLines = 200

    private let operators: OperatorDesk
    private let desk: SimulatorDesk?

    static func all(_ operators: OperatorDesk, _ desk: SimulatorDesk?) -> [Operation] {
        let own = SimulatorOperations(operators: operators, desk: desk)
        return [own.state, own.begin, own.calm]
    }

    private func simulator() throws(Problem) -> SimulatorDesk {
        guard let desk else { throw Problem(.notFound, "no simulator is in use (\(SimulatorDesk.setting))") }
        return desk
    }

    private var state: Operation {
        Operation(
            .get, "/trading/simulator", id: "getSimulator",
            "Which scenario goes on at the simulated broker, and which there are; 404 with a real one.",
            answers: [Operation.Answer(200, "As the simulator has it.", Self.answer)],
            problems: [.notFound, .simulatorUnavailable]
        ) { _ in .json(Self.text(try await simulator().state())) }
    }

    private var begin: Operation {
        Operation(
            .post, "/trading/simulator/scenarios/{name}", id: "beginScenario",
            "Make a story happen at the simulated broker; it ends by itself.", for: .operate,
            parameters: [Parameter("name", in: .path, .name(maximum: 64), "As /trading/simulator lists it.")],
            body: Self.body, answers: [Operation.Answer(202, "It begins.", Self.answer)],
            problems: [.notFound, .conflict, .simulatorUnavailable]
        ) { try await begun($0.part("name"), $0) }
    }

    private var calm: Operation {
        Operation(
            .post, "/trading/simulator/calm", id: "endScenarios",
            "End whatever goes wrong at the simulated broker.", for: .operate, body: Self.body,
            answers: [Operation.Answer(202, "Every fault is over.", Self.answer)],
            problems: [.notFound, .conflict, .simulatorUnavailable]
        ) { try await begun("calm", $0) }
    }

    private func begun(_ name: String, _ call: Call) async throws -> HTTPServerResponse {
        let word = try operators.word(call)
        let state = try await simulator().begin(name, by: word.actor.text, for: word.reason.text)
        return .json(Self.text(state), status: 202)
    }

    private static let body = Shape.object(
        [Shape.Field("reason", .text(maximum: 1_000), "Why; the simulator says it with its first line.")],
        isClosed: true)

    private static let answer = Shape.object(
        [
            Shape.Field("running", .any, "The name of the scenario that goes on, or null."),
            Shape.Field("since", .any, "When it began, or null."),
            Shape.Field(
                "scenarios",
                .list(
                    .object(
                        [Shape.Field("name", .any), Shape.Field("title", .any), Shape.Field("what", .any)],
                        isClosed: true), maximum: 100)),
            Shape.Field(
                "lines",
                .list(
                    .object(
                        [
                            Shape.Field("number", .number), Shape.Field("at", .any), Shape.Field("scenario", .any),
                            Shape.Field("text", .any),
                        ], isClosed: true), maximum: maximumLines), "What scenarios said last, oldest first."),
        ], isClosed: true)

    private static func text(_ state: SimulatorDesk.State) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            for (name, value) in [("running", state.running), ("since", state.since)] {
                json.key(name)
                if let value { json.string(value) } else { json.null() }
            }
            json.key("scenarios")
            json.array { json in
                for scene in state.scenes {
                    json.object { json in
                        for (name, value) in [("name", scene.name), ("title", scene.title), ("what", scene.what)] {
                            json.key(name)
                            json.string(value)
                        }
                    }
                }
            }
            json.key("lines")
            json.array { json in
                for line in state.lines {
                    json.object { json in
                        json.key("number")
                        json.integer(line.number)
                        for (name, value) in [("at", line.at), ("scenario", line.scenario), ("text", line.text)] {
                            json.key(name)
                            json.string(value)
                        }
                    }
                }
            }
        }
        return json.finish()
    }
}
