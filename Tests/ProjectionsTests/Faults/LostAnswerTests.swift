import Core
import Foundation
import Postgres
import ProjectionsTestSupport
import Synchronization
import TestSupport
import Testing

@testable import Projections

@Suite struct `A projector that never heard of its commit` {
    /// The commit stands; its answer was lost with the connection.
    ///
    /// Answers are stolen from the moment before which the commit cannot have been sent: before the arrays go out, or
    /// before the last of three COPYs is closed; there are three when no order is new.
    @Test(arguments: [(0, WriteMoment.copied, 3), (1_000_000, WriteMoment.begun, 1)])
    func `finds that it stands and folds nothing twice`(headRows: Int, moment: WriteMoment, count: Int) async throws {
        var rig = try await Rig()
        let tcp = rig.database.server.tcpAddress(database: rig.database.name)
        let port = try #require(tcp.split(separator: ":").last?.split(separator: "/").first.flatMap { UInt16($0) })
        let thief = try AnswerThief(to: port)
        defer { thief.end() }
        rig.settings = PostgresSettings(tcp.replacing(":\(port)/", with: ":\(thief.port)/"))
        // Longer than the thief keeps an answer.
        (rig.settings.answerTimeout, rig.settings.statementTimeout) = (.seconds(15), .seconds(10))
        rig.lanes = 1
        rig.limits.headRows = headRows
        rig.limits.maximumBatchRecords = 50
        let aside = rig
        let standing = Mutex(0)
        let ambush = Ambush {
            let before = try aside.commits()
            thief.steal()
            Thread.detachNewThread {
                let deadline = ContinuousClock.now + .seconds(10)
                while (try? aside.commits()) == before, ContinuousClock.now < deadline { usleep(2_000) }
                if (try? aside.commits()) != before { standing.withLock { $0 += 1 } }
                thief.drop()
            }
        }
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(try (0..<60).map { try events.event(of: $0) })
        try await rig.whileRunning(ambush.probe) { watcher in
            for time in 1...2 {
                try await rig.append(&events, orders: 60, count: 10)
                try await rig.untilFolded()
                ambush.lay(at: moment, count)
                try await rig.append(&events, orders: 60, count: 300)
                try await ambush.happened(time)
                try await rig.untilFolded()
                try await eventually("commit \(time) stood") { standing.withLock { $0 } == time }
                try rig.checkMix("after lost answer \(time)")
            }
            #expect(watcher.notes.count { $0.kind == .retrying } >= 2)
        }
        try await rig.checkAgainstCleanFold("after all")
    }
}

extension Rig {
    fileprivate func commits() throws -> [String] { try rows("SELECT sum(commit_no) FROM projection_checkpoints") }
}
