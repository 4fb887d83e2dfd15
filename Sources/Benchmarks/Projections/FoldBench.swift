import Bus
import Core
import Digest
import Domain
import Foundation
import Glibc
import Postgres
import Projections
import ProjectionsTestSupport
import TestSupport

/// What the measurements of folding share: a log in a folder, a private Postgres, and how a projector is timed.
struct FoldBench {
    let postgres: PrivatePostgres
    let limits = ProjectionLimits()

    init() throws { postgres = try PrivatePostgres() }

    /// A fresh database with the projections' own tables.
    func database() throws -> PrivateDatabase {
        let database = try postgres.database()
        var session = try database.session()
        try session.migrate(
            try Migration.read(from: "schemas/sql") { ContentHash(digest: SHA256.hash($0.copiedBytes())).description })
        return database
    }

    struct Live {
        let time: Duration
        /// Of this process, not of Postgres.
        let processor: Double
        let commits: Int
        let waits: [BatchWaits]
    }

    /// Folds a log to its end.
    func live(
        _ log: any EventLog, _ projections: [any Projection.Type], lanes: Int, partitions: [Int32] = Array(0..<12),
        in database: PrivateDatabase
    ) async throws -> Live {
        let goals = try await Self.goals(log, projections, partitions)
        let finish = FinishLine(goals)
        let projector = Projector(
            log: log, database: database.settings, owner: "bench", observer: finish, lanes: lanes, limits: limits)
        let standing = try await projector.prepare(projections).served
        let (start, processor) = (ContinuousClock.now, Self.processorSeconds())
        let running = Task { try await projector.run(standing, partitions: partitions) }
        await finish.reached()
        let live = Live(
            time: ContinuousClock.now - start, processor: Self.processorSeconds() - processor, commits: finish.commits,
            waits: finish.waits)
        running.cancel()
        try await running.value
        // A database goes with the last who holds it.
        withExtendedLifetime(database) {}
        return live
    }

    /// The ends of all inputs, by projection and partition.
    static func goals(
        _ log: any EventLog, _ projections: [any Projection.Type], _ partitions: [Int32]
    ) async throws -> [UnitName: [TopicPartition: Int64]] {
        var goals: [UnitName: [TopicPartition: Int64]] = [:]
        for projection in projections {
            for partition in partitions where partition < projection.partitions {
                let unit = UnitName(projection.name.text, version: 1, partition: partition)
                goals[unit] = try await log.bounds(of: projection.sources(of: partition)).mapValues(\.end)
            }
        }
        return goals
    }

    static func processorSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The memory this process has now, in MiB.
    static func residentMegabytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
        return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1_024
    }

    /// The most memory this process ever had, in MiB.
    static func peakMegabytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
        return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1_024
    }
}
