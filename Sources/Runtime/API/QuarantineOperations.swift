internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON
internal import Postgres
internal import Projections

/// What operators decide about records that wait; patches, which carry bytes, are for the command line.
enum QuarantineOperations {
    static func all(_ desk: OperatorDesk, _ database: PostgresSettings) -> [Operation] {
        [
            Operation(
                .post, "/trading/quarantine", id: "decideQuarantine",
                "Fold a parked record after all, or leave it out for good.", for: .operate, body: body,
                answers: [Operation.Answer(200, "It is said, to each projection that parked it.", answer)],
                problems: [.notFound, .conflict, .databaseUnavailable, .logUnavailable]
            ) { .json(try await decide($0, desk, database)) }
        ]
    }

    private static let body = Shape.object(
        [
            Shape.Field("record", .name(maximum: 300), "TOPIC/PARTITION/OFFSET"),
            Shape.Field("action", .choice(["release", "skip"])),
            Shape.Field("reason", .text(maximum: 1_000), "Why; recorded in the event."),
        ], isClosed: true)

    private static let answer = Shape.object(
        [
            Shape.Field("record", .any), Shape.Field("action", .any),
            Shape.Field("said_at", .list(.any, maximum: 1_000)),
        ], isClosed: true)

    private static func decide(
        _ call: Call, _ operators: OperatorDesk, _ database: PostgresSettings
    ) async throws -> [UInt8] {
        let word = try operators.word(call)
        let (record, choice) = try asked(call)
        let desk = QuarantineDesk(database, ReadModels.all)
        var query = QuarantineDesk.Query(limit: 1_000)
        query.record = record
        query.states = []
        let entries = try await desk.entries(query)
        guard !entries.isEmpty else { throw Problem(.notFound, "no projection has parked this record") }
        guard entries.allSatisfy({ $0.row.state != ParkedRow.State.deferred.rawValue }) else {
            throw Problem(.conflict, "it waits behind another record of its key: decide on that one first")
        }
        let parked = entries.filter { $0.row.state == ParkedRow.State.parked.rawValue }
        guard !parked.isEmpty else { throw Problem(.conflict, "the record does not wait any more") }
        let saying = QuarantineSaying(
            choice, reason: word.reason, actor: word.actor, source: SourceName(trusted: "api"), operators.house.time)
        for entry in parked {
            guard let refusal = try await saying.refusal(of: entry, at: desk) else { continue }
            throw Problem(.conflict, "\(entry.projection) would not fold it now; it would \(refusal)")
        }
        let places = try await operators.within(OperatorDesk.wait) { [log = operators.house.log] in
            try await saying.append(parked, to: log)
        }
        var json = JSONWriter()
        json.object { json in
            json.key("record")
            json.string("\(record)")
            json.key("action")
            json.string(choice.name)
            json.key("said_at")
            json.array { json in for place in places { json.string("\(place)") } }
        }
        return json.finish()
    }

    private static func asked(_ call: Call) throws -> (RecordPosition, QuarantineChoice) {
        var parser = JSONParser()
        let root = try parser.parse(call.body)
        let cause: Cause
        do { cause = try unsafe Cause.read("\(root.field("record")?.string ?? "")#0".utf8.span.bytes) } catch {
            throw Problem(
                .invalidBody, "the body has another shape",
                faults: [Problem.Fault("$.record", "a record is named TOPIC/PARTITION/OFFSET")])
        }
        let record = RecordPosition(TopicPartition(cause.topic, cause.partition), cause.offset)
        return (record, root.field("action")?.string == "skip" ? .skip : .release)
    }
}
