import Core
import Glibc
import Postgres
import ProjectionsTestSupport
import Synchronization
import TestSupport
import Testing

@testable import Projections

/// A server for tests that kill it or fill its disk.
enum FragileServer {
    private static let one = Result { try PrivatePostgres() }

    static func get() throws -> PrivatePostgres { try one.get() }
}

/// Does something once, at the n-th time a batch comes by a moment.
final class Ambush: Sendable {
    private let left: Mutex<(WriteMoment?, Int)> = Mutex((nil, 0))
    private let deed: @Sendable () throws -> Void
    private let failure = Mutex<(any Error)?>(nil)
    private let done = Mutex(0)

    init(_ deed: @escaping @Sendable () throws -> Void) { self.deed = deed }

    var probe: WriteProbe { WriteProbe { self.meet($0) } }

    func lay(at moment: WriteMoment, _ count: Int) { left.withLock { $0 = (moment, count) } }

    private func meet(_ moment: WriteMoment) {
        let isNow = left.withLock { left in
            guard left.0 == moment else { return false }
            left.1 -= 1
            return left.1 == 0
        }
        guard isNow else { return }
        do { try deed() } catch { failure.withLock { $0 = error } }
        done.withLock { $0 += 1 }
    }

    /// Waits until it has happened so often.
    func happened(_ times: Int) async throws {
        try await eventually("the deed") { done.withLock { $0 } >= times }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}

/// The server dies, fills up, refuses to write or comes back older: rows are folded again, and never twice.
@Suite struct `A projector whose server fails` {
    @Test func `in the middle of a batch goes on when it is back`() async throws {
        let server = try FragileServer.get()
        var rig = try await Rig(on: server)
        rig.lanes = 1
        rig.limits.maximumBatchRecords = 80
        var events = MixEvents(seed: Storm.seed)
        let ambush = Ambush { try server.kill() }
        let points: [(Int, WriteMoment, Int)] = [
            (0, .copied, 2), (0, .sent, 1), (1_000_000, .begun, 1), (1_000_000, .sent, 2),
        ]
        for (index, (headRows, moment, count)) in points.enumerated() {
            rig.limits.headRows = headRows
            ambush.lay(at: moment, count)
            try await rig.whileRunning(ambush.probe) { watcher in
                try await rig.append(&events, orders: 60, count: 400)
                try await ambush.happened(index + 1)
                try server.start()
                try await rig.untilFolded()
                #expect(watcher.notes.contains { $0.kind == .retrying })
            }
            try rig.checkMix("killed at \(moment.rawValue)")
        }
        try await rig.checkAgainstCleanFold("after all")
    }

    /// The connection is dropped at every step, on both ways of writing.
    @Test(arguments: [(0, [WriteMoment.fetched, .begun, .copied, .sent, .committed]), (1_000_000, [.begun, .sent])])
    func `to keep its connection takes its partitions up again`(headRows: Int, moments: [WriteMoment]) async throws {
        var rig = try await Rig()
        rig.limits.headRows = headRows
        rig.limits.maximumBatchRecords = 40
        var events = MixEvents(seed: Storm.seed)
        let cutting = rig
        let ambush = Ambush { try cutting.cutAllSessions() }
        var times = 0
        try await rig.whileRunning(ambush.probe) { watcher in
            for moment in moments {
                for count in 1...3 {
                    ambush.lay(at: moment, count)
                    try await rig.append(&events, orders: 60, count: 300)
                    times += 1
                    try await ambush.happened(times)
                }
                try await rig.untilFolded()
                try rig.checkMix("cut at \(moment.rawValue)")
            }
            #expect(watcher.notes.allSatisfy { $0.kind == .retrying })
        }
        try await rig.checkAgainstCleanFold("after all")
    }

    /// SQLSTATE 53100, by a limit on the size of files that every backend inherits: the last page is written by half.
    @Test func `with a full disk waits for room`() async throws {
        let server = try FragileServer.get()
        var rig = try await Rig(on: server)
        rig.limits.maximumBatchRecords = 100
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 60, count: 200)
        try await rig.catchUp()
        // Larger than a file of the server's own log, which must still fit.
        let limit = try #require(Int(try rig.fillSteps()[0])) + 4096
        let postmaster = String(try Judge.run("head", ["-n", "1", "\(server.folder)/data/postmaster.pid"]).lines[0])
        // Root's server belongs to another user, and only that one may set its limits everywhere.
        let owner = String(try Judge.run("stat", ["-c", "%u", "\(server.folder)/data"]).lines[0])
        let become = getuid() == 0 ? ["setpriv", "--reuid=\(owner)", "--clear-groups"] : []
        func limitFiles(_ soft: String) throws {
            let words = become + ["prlimit", "--pid", postmaster, "--fsize=\(soft):"]
            let verdict = try Judge.run(words[0], Array(words.dropFirst()))
            try #require(verdict.status == 0, "\(verdict.errors)")
        }
        try limitFiles("\(limit)")
        try await rig.whileRunning { watcher in
            try await rig.append(&events, orders: 60, count: 3_000)
            try await watcher.hears("53100")
            try limitFiles("unlimited")
            try await rig.untilFolded()
            #expect(watcher.notes.allSatisfy { $0.kind == .retrying })
        }
        try rig.checkMix("with room again")
        try await rig.checkAgainstCleanFold("with room again")
    }

    @Test func `that became read-only waits until it is not`() async throws {
        let rig = try await Rig()
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 60, count: 200)
        try await rig.whileRunning { watcher in
            try await rig.untilFolded()
            let name = rig.database.name
            _ = try rig.rows("ALTER DATABASE \(name) SET default_transaction_read_only TO on; SELECT 1")
            try rig.cutAllSessions()
            try await rig.append(&events, orders: 60, count: 200)
            try await watcher.hears("25006")
            _ = try rig.rows(
                "SET transaction_read_only TO off; ALTER DATABASE \(name) RESET default_transaction_read_only; SELECT 1")
            try await rig.untilFolded()
        }
        try rig.checkMix("writable again")
        try await rig.checkAgainstCleanFold("writable again")
    }

    /// A failover to a copy that misses the last commits, while the projector runs and while it does not.
    @Test func `over to an older state folds again to the same rows`() async throws {
        let server = try FragileServer.get()
        var rig = try await Rig(on: server)
        rig.limits.maximumBatchRecords = 100
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 60, count: 400)
        try await rig.catchUp()
        let (data, older) = ("\(server.folder)/data", "\(server.folder)/older")
        try server.stop()
        #expect(try Judge.run("cp", ["-a", data, older]).status == 0)
        try server.start()
        func fallBack() throws {
            try server.kill()
            #expect(try Judge.run("rm", ["-rf", data]).status == 0)
            #expect(try Judge.run("cp", ["-a", older, data]).status == 0)
            try server.start()
        }
        try await rig.whileRunning { _ in
            try await rig.append(&events, orders: 60, count: 400)
            try await rig.untilFolded()
            try fallBack()
            #expect(try rig.rows("SELECT count(*) <= 800 FROM mix_steps") == ["t"])
            try await rig.append(&events, orders: 60, count: 100)
            try await rig.untilFolded()
        }
        try rig.checkMix("fallen back while it ran")
        try fallBack()
        try rig.checkMix("fallen back while nobody ran")
        try await rig.catchUp()
        try rig.checkMix("fallen back while nobody ran, and folded again")
        try await rig.checkAgainstCleanFold("after all")
        #expect(try Judge.run("rm", ["-rf", older]).status == 0)
    }
}

extension Rig {
    /// Makes the file of the steps larger than 16 MB with rows that are gone again; answers its size.
    func fillSteps() throws -> [String] {
        var session = try database.session()
        // A vacuum would give the room back.
        try session.run("ALTER TABLE mix_steps_v1 SET (autovacuum_enabled = off)")
        try session.run(
            """
            INSERT INTO mix_steps_v1 (log_partition, log_offset, event_id, client_order_id, symbol, status, event_ts)
            SELECT -1, n, '00000000-0000-0000-0000-000000000000', repeat('x', 1900), '', '', now()
            FROM generate_series(1, 9000) n
            """)
        try session.run("DELETE FROM mix_steps_v1 WHERE log_partition = -1")
        try session.run("CHECKPOINT")
        return try rows("SELECT pg_relation_size('mix_steps_v1')")
    }
}
