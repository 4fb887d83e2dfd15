import Core
import Postgres
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

/// Another session is in the way: the projector tries again until it is not, and nothing is folded twice.
@Suite struct `A projector whose commit is refused for now` {
    private func rig(_ headRows: Int, _ events: inout MixEvents) async throws -> Rig {
        var rig = try await Rig()
        rig.lanes = 1
        rig.limits.headRows = headRows
        try await rig.append(&events, orders: 60, count: 200)
        try await rig.catchUp()
        return rig
    }

    /// A projector that has written once has planned its statements: what it waits for next is a commit.
    private func warmUp(_ rig: Rig, _ events: inout MixEvents) async throws {
        try await rig.append(&events, orders: 60, count: 30)
        try await rig.untilFolded()
    }

    private func check(_ rig: Rig) async throws {
        try await rig.untilFolded()
        try rig.checkMix("afterwards")
    }

    @Test(arguments: [0, 1_000_000]) func `by a lock or statement limit tries again`(headRows: Int) async throws {
        var events = MixEvents(seed: Storm.seed)
        var rig = try await rig(headRows, &events)
        let stranger = try Stranger(rig.database.settings)
        for state in ["55P03", "57014"] {
            rig.settings.lockTimeout = state == "55P03" ? .milliseconds(300) : .zero
            rig.settings.statementTimeout = state == "57014" ? .milliseconds(300) : .zero
            try await rig.whileRunning { watcher in
                try await warmUp(rig, &events)
                try await stranger.run("BEGIN; LOCK TABLE mix_orders_v1 IN EXCLUSIVE MODE")
                try await rig.append(&events, orders: 60, count: 100)
                try await watcher.hears(state)
                try await stranger.run("COMMIT")
                try await check(rig)
            }
        }
        try await rig.checkAgainstCleanFold("afterwards")
    }

    /// Somebody holds our checkpoints and says nothing more: the server's limit frees them.
    @Test func `by a transaction that sits idle goes on when that is ended`() async throws {
        var events = MixEvents(seed: Storm.seed)
        var rig = try await rig(1_000_000, &events)
        rig.settings.lockTimeout = .milliseconds(100)
        let stranger = try Stranger(rig.database.settings)
        try await stranger.run("SET idle_in_transaction_session_timeout = '600ms'")
        try await rig.whileRunning { watcher in
            try await warmUp(rig, &events)
            try await stranger.run("BEGIN; UPDATE projection_checkpoints SET owner = owner")
            try await rig.append(&events, orders: 60, count: 100)
            try await watcher.hears("55P03")
            try await check(rig)
        }
        let end = await #expect(throws: PostgresError.self) { try await stranger.run("COMMIT") }
        #expect(end?.sqlState == "25P03" || end?.needsNewSession == true, "\(String(describing: end))")
        #expect(PostgresError(.run, .server, sqlState: "25P03", "").disposition == .retry)
    }

    @Test(arguments: [0, 1_000_000]) func `by a deadlock tries again`(headRows: Int) async throws {
        var events = MixEvents(seed: Storm.seed)
        let rig = try await rig(headRows, &events)
        let stranger = try Stranger(rig.database.settings)
        // The other of the two is the one the server ends.
        try await stranger.run("SET deadlock_timeout = '1min'")
        try await rig.whileRunning { watcher in
            try await warmUp(rig, &events)
            try await stranger.run("BEGIN; LOCK TABLE mix_orders_v1 IN EXCLUSIVE MODE")
            try await rig.append(&events, orders: 60, count: 100)
            try await rig.untilSomebodyWaits()
            try await stranger.run("UPDATE projection_checkpoints SET owner = owner; COMMIT")
            try await watcher.hears("40P01")
            try await check(rig)
        }
    }

    @Test(arguments: [0, 1_000_000]) func `by a serialization failure tries again`(headRows: Int) async throws {
        var events = MixEvents(seed: Storm.seed)
        let rig = try await rig(headRows, &events)
        _ = try rig.rows(
            "ALTER DATABASE \(rig.database.name) SET default_transaction_isolation TO 'repeatable read'; SELECT 1")
        let stranger = try Stranger(rig.database.settings)
        try await rig.whileRunning { watcher in
            try await warmUp(rig, &events)
            try await stranger.run("BEGIN; UPDATE projection_checkpoints SET owner = owner")
            try await rig.append(&events, orders: 60, count: 100)
            try await rig.untilSomebodyWaits()
            try await stranger.run("COMMIT")
            try await watcher.hears("40001")
            try await check(rig)
        }
    }
}

extension Rig {
    func untilSomebodyWaits() async throws {
        try await eventually("somebody waits for a lock") {
            try rows(
                """
                SELECT count(*) > 0 FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """) == ["t"]
        }
    }
}
