internal import API
internal import Core
internal import HTTPServer
internal import JSON
internal import Postgres
internal import Projections

/// How far each read model is behind the log, as `torghut projections status` judges it.
enum ProjectionOperations {
    static func all(_ house: House, _ database: PostgresSettings) -> [Operation] {
        let looks = ProjectionLooks(
            ProjectionStatus(log: house.log, database: database, ReadModels.all), house.time)
        return [
            Operation(
                .get, "/trading/projections", id: "listProjections",
                "How far each read model is behind the log, and whether anybody moves it.",
                answers: [Operation.Answer(200, "As it was at `looked_at`, a second ago at most.", shape)],
                problems: [.databaseUnavailable, .logUnavailable]
            ) { _ in .json(try await looks.text()) }
        ]
    }

    private static let count = Shape.integer(0 ... .max)
    private static let shape = Shape.object(
        [
            Shape.Field("looked_at", .timestamp), Shape.Field("lag", count, "Records before all of them together."),
            Shape.Field("parked", count, "Keys that wait for an operator."),
            Shape.Field(
                "projections",
                .list(
                    .object(
                        [
                            Shape.Field("projection", .text(maximum: 64)), Shape.Field("version", count),
                            Shape.Field("verdict", .choice(["idle", "moving", "stuck"])),
                            Shape.Field("why", .nullable(.content(maximum: 1_024)), "Why it is stuck."),
                            Shape.Field("partitions", count), Shape.Field("lag", count, "Records that lie before it."),
                            Shape.Field("oldest", .nullable(.timestamp), "The first of them."),
                            Shape.Field("parked", count),
                            Shape.Field("deferred", count, "Records that wait behind these."),
                            Shape.Field("commits", count), Shape.Field("last_commit", .nullable(.timestamp)),
                        ], isClosed: true), maximum: 64), "Those that readers see."),
        ], isClosed: true)
}

/// One look for everybody who asks within a second: it asks the database and the log.
private actor ProjectionLooks {
    static let keptFor: Duration = .seconds(1)

    private let status: ProjectionStatus
    private let time: any TimeSource
    private var last: (at: ContinuousClock.Instant, text: [UInt8])?
    private var running: Task<[UInt8], any Error>?

    init(_ status: ProjectionStatus, _ time: any TimeSource) {
        self.status = status
        self.time = time
    }

    func text() async throws -> [UInt8] {
        if let last, ContinuousClock.now - last.at < Self.keptFor { return last.text }
        if let running { return try await running.value }
        let look = Task { [status, time] in
            do throws(StatusFailure) {
                return ProjectionText.bytes(try await status.look(at: time), at: time.now())
            } catch {
                // Whoever asks is told which side is away, and nothing of the inside.
                guard let database = error.database else {
                    throw Problem(.logUnavailable, "the log cannot be asked how far it goes")
                }
                throw database
            }
        }
        running = look
        let outcome = await look.result
        running = nil
        let text = try outcome.get()
        last = (.now, text)
        return text
    }
}
