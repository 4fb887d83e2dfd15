import Bus
import Core
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

/// P1, P2: `kill -9` of the projector at each step of a batch, on both ways of writing.
@Suite struct `A projector that is killed` {
    /// One child after another dies one moment later than the one before, so every step of several batches is met;
    /// after each death rows and positions agree, and the last child finds all of the log folded once.
    @Test(arguments: [(0, 16), (1_000_000, 8)])
    func `at any step has folded each record once or not at all`(headRows: Int, moments: Int) async throws {
        let folder = TemporaryFolder(inMemory: true)
        let rig = try await Rig(log: JournalLog(folder.path))
        var events = MixEvents(seed: Storm.seed)
        var met: Set<String> = []
        try await rig.append(&events, orders: 150, count: 600)
        for count in 1...moments {
            try await rig.append(&events, orders: 150, count: 24 * (count + 4))
            let child = try Child(projector: [
                "journal": folder.path, "db": rig.database.address, "head": "\(headRows)", "records": "60",
                "count": "\(count)",
            ])
            let last = try child.lines().last ?? "nothing"
            try #require(last.hasPrefix("at "), "moment \(count): \(last)")
            met.insert(last)
            if count > 1 || last != "at fetched" { try rig.checkMix("killed \(last), moment \(count)") }
        }
        let all = WriteMoment.allCases.filter { headRows == 0 || $0 != .copied }
        #expect(met == Set(all.map { "at \($0.rawValue)" }))
        try await rig.catchUp()
        try rig.checkMix("after all")
        try await rig.checkAgainstCleanFold("after all")
        await rig.log.close()
    }
}
