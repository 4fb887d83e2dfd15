internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON

/// What a person changes: the body has the reason, the token names the actor, and the answer says where the event lies.
struct Mutation: Sendable {
    /// What came of it; without a place nothing had to be said.
    struct Said: Sendable {
        let what: String
        let place: RecordPosition?

        init(_ what: String, at place: RecordPosition?) {
            self.what = what
            self.place = place
        }
    }

    let reflection: Reflection

    func operation(
        _ path: String, id: String, _ summary: String, parameters: [Parameter] = [], fields: [Shape.Field] = [],
        problems: [Problem.Code] = [], run: @escaping @Sendable (Call) async throws -> Said
    ) -> Operation {
        Operation(
            .post, path, id: id, summary, for: .operate, parameters: parameters + reflection.parameters,
            body: Self.body(fields), answers: [Operation.Answer(200, "It is said, or nothing had to be.", Self.answer)],
            problems: [.logUnavailable] + problems
        ) { call in
            let said = try await run(call)
            return .json(Self.text(said, await reflection.reached(said.place, call)))
        }
    }

    static func body(_ fields: [Shape.Field] = []) -> Shape {
        .object(
            [Shape.Field("reason", .text(maximum: 1_000), "Why; recorded in the event.")] + fields, isClosed: true)
    }

    private static let answer = Shape.object(
        [
            Shape.Field("what", .any),
            Shape.Field("said_at", .any, "topic/partition/offset of the event; null when nothing had to be said."),
            Shape.Field("reflected", .boolean, "The read models that were waited for reflect it."),
        ], isClosed: true)

    private static func text(_ said: Said, _ isReflected: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("what")
            json.string(said.what)
            json.key("said_at")
            if let place = said.place { json.string("\(place)") } else { json.null() }
            json.key("reflected")
            json.bool(isReflected)
        }
        return json.finish()
    }
}

/// The fields of a body whose shape was checked, as words of the domain.
enum BodyReading {
    static func read<Value>(_ call: Call, _ body: (JSONValue) throws -> Value) throws -> Value {
        var parser = JSONParser()
        let root = try parser.parse(call.body)
        do { return try body(root) } catch let error as Problem { throw error } catch {
            throw Problem(.invalidBody, "the body cannot be used: \(error)")
        }
    }

    static func fault(_ name: String, _ reason: String) -> Problem {
        Problem(.invalidBody, "the body has another shape", faults: [Problem.Fault("$.\(name)", reason)])
    }
}

extension Problem {
    /// What an operator's words ran into.
    init(_ refusal: OperatorRefusal) {
        switch refusal.kind {
        case .missing: self.init(.notFound, refusal.description)
        case .conflict: self.init(.conflict, refusal.description)
        case .words: self.init(.invalidBody, refusal.description)
        }
    }
}
