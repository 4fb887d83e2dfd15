import Core
import Domain
import Postgres
import ProjectionsTestSupport
import Synchronization
import TestSupport
import Wire

@testable import Projections

/// A log, a fresh database and a projector that a test starts and stops.
struct Rig: Sendable {
    var log: any EventLog
    let writer: any EventWriter
    let database: PrivateDatabase
    var projections: [any Projection.Type]
    var limits = ProjectionLimits()
    /// How the projector reaches the database.
    var settings: PostgresSettings
    var lanes = 2

    init(
        _ projections: [any Projection.Type] = [OrderMix.self], log: any EventLog = MemoryLog(),
        on server: PrivatePostgres? = nil
    ) async throws {
        try await log.create(TopicCatalog.specs)
        try self.init(projections, log, try await log.writer(named: "test"), server ?? .shared())
    }

    /// The same log into another database.
    init(beside other: Rig, _ projections: [any Projection.Type]? = nil) throws {
        try self.init(projections ?? other.projections, other.log, other.writer, .shared())
    }

    private init(
        _ projections: [any Projection.Type], _ log: any EventLog, _ writer: any EventWriter, _ server: PrivatePostgres
    ) throws {
        self.log = log
        self.writer = writer
        self.projections = projections
        database = try server.database()
        settings = database.settings
        // A projector looks whether it should end when its wait for records has run out.
        limits.idleWait = .milliseconds(20)
        var session = try database.session()
        try session.migrate(try Self.migrations())
    }

    static func migrations() throws -> [Migration] {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try Migration.read(from: "/\(folder)/schemas/sql") { "\($0.byteCount)" }
    }

    func append(_ events: [Event]) async throws {
        var encoder = EventEncoder()
        let records = events.map { encoder.record($0) }
        for start in stride(from: 0, to: records.count, by: 5_000) {
            try await writer.append(Append(Array(records[start..<min(records.count, start + 5_000)])))
        }
    }

    /// Folds until everything in the log is folded, and stops.
    @discardableResult
    func catchUp(_ probe: WriteProbe = WriteProbe(), owner: String = "test") async throws -> Watcher {
        let watcher = Watcher()
        let projector = projector(watcher, probe, owner: owner)
        let standing = try await projector.prepare(projections)
        let ends = try await ends()
        let stored = try storedVectors()
        let units = standing.served.flatMap { projection in
            (0..<projection.type.partitions).map { partition in
                (
                    UnitName(projection.type.name.text, version: projection.version, partition: partition),
                    projection.type.sources(of: partition)
                )
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await projector.run(standing.served, partitions: Array(0..<12)) }
            group.addTask {
                await watcher.wait { vectors, _ in
                    units.allSatisfy { unit, sources in
                        sources.allSatisfy { source in
                            ((vectors[unit] ?? stored[unit])?[source]?.next ?? 0) >= ends[source] ?? 0
                        }
                    }
                }
            }
            try await group.next()
            group.cancelAll()
            while let _ = try await group.next() {}
        }
        return watcher
    }

    func projector(_ watcher: Watcher, _ probe: WriteProbe = WriteProbe(), owner: String = "test") -> Projector {
        Projector(
            log: log, database: settings, owner: owner, observer: watcher, lanes: lanes, limits: limits, probe: probe)
    }

    func ends() async throws -> [TopicPartition: Int64] {
        let sources = TopicCatalog.specs.flatMap { spec in
            (0..<spec.partitions).map { TopicPartition(spec.name, $0) }
        }
        return try await log.bounds(of: sources).mapValues(\.end)
    }

    func storedVectors() throws -> [UnitName: FoldedVector] {
        try OpenSession(database.settings).checkpoints().mapValues(\.vector)
    }

    /// Rows of a query as text, fields separated by `|`.
    func rows(_ sql: String) throws -> [String] {
        var session = try database.session()
        let rows = try session.run(sql)[0].rows
        return (0..<rows.count).map { row in
            (0..<rows.columns).map { rows.text(row, $0) ?? "∅" }.joined(separator: "|")
        }
    }
}
