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
            // It may have ended before the server did; else the next rebuild drops what it left.
            if case .failure = end { #expect(try await rebuild.run(OrderMix.self).provedAgainst == 1) }
            let states = "SELECT state FROM projection_versions WHERE projection = 'order_mix' ORDER BY version"
            #expect(try rig.rows(states) == ["serving", "ready"])
            try await rig.append(&events, orders: 100, count: 300)
            try await rig.untilFolded()
        }
        try rig.checkMix("live beside the rebuild")
    }
}
