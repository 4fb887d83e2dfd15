import Core
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

@Suite struct `A rebuild beside a projector at work` {
    /// Live folds on, the server is restarted under both; an interrupted rebuild is begun again and proves its root.
    @Test func `survives a restart of the server and proves its root`() async throws {
        let server = try FragileServer.get()
        var rig = try await Rig(on: server)
        rig.limits.maximumBatchRecords = 100
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 100, count: 1_500)
        try await rig.whileRunning { _ in
            try await rig.untilFolded()
            let rebuild = Rebuild(
                log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher(), limits: rig.limits)
            let interrupted = Task { try await rebuild.run(OrderMix.self) }
            try await eventually("the version that is built") {
                try rig.rows("SELECT count(*) FROM projection_versions WHERE state = 'building'") == ["1"]
            }
            try server.restart(.immediate)
            let end = await interrupted.result
            try await rig.append(&events, orders: 100, count: 300)
            try await rig.untilFolded()
            if case .failure = end {
                let outcome = try await rebuild.run(OrderMix.self)
                #expect(outcome.provedAgainst == 1)
            }
            try await rig.append(&events, orders: 100, count: 300)
            try await rig.untilFolded()
        }
        try rig.checkMix("live beside the rebuild")
        let rebuild = Rebuild(log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher())
        _ = try await rebuild.run(OrderMix.self)
        #expect(
            try rig.rows(
                """
                SELECT count(*) FROM (
                    (TABLE mix_steps_v1 EXCEPT ALL SELECT * FROM \(try rig.newest("mix_steps")))
                    UNION ALL (SELECT * FROM \(try rig.newest("mix_steps")) EXCEPT ALL TABLE mix_steps_v1)
                    ) steps
                UNION ALL SELECT count(*) FROM (
                    (TABLE mix_orders_v1 EXCEPT ALL SELECT * FROM \(try rig.newest("mix_orders")))
                    UNION ALL (SELECT * FROM \(try rig.newest("mix_orders")) EXCEPT ALL TABLE mix_orders_v1)
                    ) orders
                """) == ["0", "0"])
    }
}

extension Rig {
    fileprivate func newest(_ table: String) throws -> String {
        "\(table)_v\(try rows("SELECT max(version) FROM projection_versions")[0])"
    }
}
