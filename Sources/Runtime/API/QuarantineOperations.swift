internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON
internal import Postgres
internal import Projections

/// What operators decide about records that wait.
struct QuarantineOperations: Sendable {
    private let operators: OperatorDesk
    private let desk: QuarantineDesk
    private let reflection: Reflection

    static func all(_ operators: OperatorDesk, _ database: PostgresSettings, _ reads: ReadDesk) -> [Operation] {
        let own = QuarantineOperations(
            operators: operators, desk: QuarantineDesk(database, ReadModels.all),
            reflection: Reflection(reads, in: "quarantine", "control_state"))
        return [
            Operation(
                .post, "/trading/quarantine", id: "decideQuarantine",
                "Fold a parked record after all, or other bytes in its place, or leave it out for good.",
                for: .operate, parameters: own.reflection.parameters, body: body,
                answers: [Operation.Answer(200, "It is said to each projection that parked it.", answer)],
                problems: [.notFound, .conflict, .databaseUnavailable, .logUnavailable]
            ) { .json(try await own.decide($0)) }
        ]
    }

    private static let body = Mutation.body([
        Shape.Field("record", .name(maximum: 300), "TOPIC/PARTITION/OFFSET"),
        Shape.Field("action", .choice(["release", "skip", "patch"])),
        Shape.Field(
            "value", .content(maximum: Octets.maximumBytes), required: false,
            "The text to fold instead; patch needs it."),
        Shape.Field(
            "projection", .choice(ReadModels.all.map { $0.name.text }), required: false,
            "Only in this read model; in each that parked it, unless it is said."),
        Shape.Field("dry_run", .boolean, required: false, "Only say what would come of it."),
    ])

    private static let answer = Shape.object(
        [
            Shape.Field("record", .any), Shape.Field("action", .any),
            Shape.Field("would", .choice(["fold", "be left out"]), "What comes of it."),
            Shape.Field("projections", .list(.any, maximum: 1_000)),
            Shape.Field("said_at", .list(.any, maximum: 1_000), "Of each an event; empty in a dry run."),
            Shape.Field("reflected", .boolean, "The read models that were waited for reflect it."),
        ], isClosed: true)

    /// How long the read models may take; they are asked one question after another.
    static let wait: Duration = .seconds(20)

    private func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let answer = await FirstAnswer.of(limit) { () async -> Result<Value, any Error> in
            do { return .success(try await body()) } catch { return .failure(error) }
        }
        guard let answer else {
            throw Problem(.databaseUnavailable, "the read models did not answer within \(limit); nothing was said")
        }
        do { return try answer.get() } catch let refusal as OperatorRefusal { throw Problem(refusal) }
    }

    private struct Asked: Sendable {
        let record: RecordPosition
        let choice: QuarantineChoice
        let projection: String?
        let isDry: Bool
    }

    private func decide(_ call: Call) async throws -> [UInt8] {
        let word = try operators.word(call)
        let asked = try Self.asked(call)
        let saying = QuarantineSaying(
            asked.choice, reason: word.reason, actor: word.actor, source: OperatorDesk.source, operators.house.time)
        let parked = try await within(Self.wait) { [desk] in
            let parked = try await desk.decidable(asked.record, of: asked.projection)
            guard !parked.isEmpty else { throw OperatorRefusal(.conflict, "the record does not wait any more") }
            for entry in parked {
                guard let refusal = try await saying.refusal(of: entry, at: desk) else { continue }
                throw OperatorRefusal(.conflict, "\(entry.projection) would not fold it; it would \(refusal)")
            }
            return parked
        }
        let places =
            asked.isDry
            ? []
            : try await operators.within(OperatorDesk.wait) { [log = operators.log] in
                try await saying.append(parked, to: log)
            }
        return Self.text(asked, parked.map(\.projection), places, await reflection.reached(places.last, call))
    }

    private static func text(
        _ asked: Asked, _ projections: [String], _ places: [RecordPosition], _ isReflected: Bool
    ) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("record")
            json.string("\(asked.record)")
            json.key("action")
            json.string(asked.choice.name)
            json.key("would")
            json.string(asked.choice.effect)
            json.key("projections")
            json.array { json in for name in projections { json.string(name) } }
            json.key("said_at")
            json.array { json in for place in places { json.string("\(place)") } }
            json.key("reflected")
            json.bool(isReflected)
        }
        return json.finish()
    }

    private static func asked(_ call: Call) throws -> Asked {
        try BodyReading.read(call) { root in
            let cause: Cause
            // Safe: the text's bytes are read inside the call.
            do { cause = try unsafe Cause.read("\(root.field("record")?.string ?? "")#0".utf8.span.bytes) } catch {
                throw BodyReading.fault("record", "a record is named TOPIC/PARTITION/OFFSET")
            }
            let value = root.field("value")?.string
            let choice: QuarantineChoice
            switch (root.field("action")?.string, value) {
            case ("release", nil): choice = .release
            case ("skip", nil): choice = .skip
            case ("patch", let value?): choice = .patch(try Octets(Array(value.utf8)))
            case ("patch", nil): throw BodyReading.fault("value", "missing: patch needs it")
            default: throw BodyReading.fault("value", "belongs to patch")
            }
            return Asked(
                record: RecordPosition(TopicPartition(cause.topic, cause.partition), cause.offset), choice: choice,
                projection: root.field("projection")?.string, isDry: root.field("dry_run")?.bool ?? false)
        }
    }
}
