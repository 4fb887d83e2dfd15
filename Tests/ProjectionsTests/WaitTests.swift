import Core
import Domain
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

/// What a batch costs when the server is far away.
@Suite struct `A batch waits for the server` {
    @Test func `once for the rows it misses, once to commit, and once more for each COPY`() async throws {
        var rig = try await Rig()
        rig.lanes = 1
        var events = MixEvents(seed: Storm.seed)
        // The limit of rows at the head decides; all else is the same.
        for (rows, copies) in [(2_000, 0), (1, 4)] {
            rig.limits.headRows = rows
            var waits: [BatchWaits] = []
            for _ in 0..<3 {
                try await rig.append(&events, orders: 600, count: 90)
                waits += try await rig.catchUp().waits
            }
            #expect(waits.contains { $0.fetching == 1 }, "nothing was missing, so nothing was shown")
            // Positions that moved without rows are all that a batch may hold.
            #expect(waits.allSatisfy { $0.copies <= copies && $0.writing == $0.copies + 1 }, "\(waits)")
            #expect(waits.contains { $0.copies == copies }, "\(waits)")
            #expect(waits.allSatisfy { $0.count <= copies + 2 }, "\(waits)")
        }
    }

    @Test func `at most once more when rows lead to other rows`() async throws {
        let rig = try await Rig(Catalog.all)
        let told = Array(StoryTeller(StoryTeller.Settings(orders: 20, symbols: 4, accounts: 2, open: 5, isPlain: true)))
        // Each projector begins with nothing in memory.
        var waits: [BatchWaits] = []
        for start in stride(from: 0, to: told.count, by: 20) {
            try await rig.append(Array(told[start..<min(told.count, start + 20)]))
            waits += try await rig.catchUp().waits
        }
        #expect(waits.allSatisfy { $0.fetching <= 2 && $0.writing == $0.copies + 1 }, "\(waits)")
        #expect(waits.contains { $0.fetching > 0 }, "nothing was missing, so nothing was shown")
    }
}
