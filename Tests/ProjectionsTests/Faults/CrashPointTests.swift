import Bus
import Core
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

/// P1, P2: `kill -9` of the projector at each step of a batch, on both ways of writing.
@Suite struct `A projector that is killed` {
    /// A child for each step, and one each for its second and third time, so every step of several batches is met
    /// however two cores share the work; after each death rows and positions agree, and the last child finds all of the
    /// log folded once.
    @Test(arguments: [0, 1_000_000])
    func `at any step has folded each record once or not at all`(headRows: Int) async throws {
        let folder = TemporaryFolder(inMemory: true)
        let rig = try await Rig(log: JournalLog(folder.path))
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 150, count: 600)
        // Rows are copied only where a batch is more than the head's.
        let steps = WriteMoment.allCases.filter { headRows == 0 || $0 != .copied }
        var isFirst = true
        for count in 1...3 {
            for step in steps {
                try await rig.append(&events, orders: 150, count: 240)
                let child = try Child(projector: [
                    "journal": folder.path, "db": rig.database.address, "head": "\(headRows)", "records": "60",
                    "moment": step.rawValue, "count": "\(count)",
                ])
                let last = try child.lines().last ?? "nothing"
                try #require(last == "at \(step.rawValue)", "\(step), time \(count): \(last)")
                // Before the first batch is begun there are no rows to look at.
                if !isFirst || step != .fetched { try rig.checkMix("killed \(last), time \(count)") }
                isFirst = false
            }
        }
        try await rig.catchUp()
        try rig.checkMix("after all")
        try await rig.checkAgainstCleanFold("after all")
        await rig.log.close()
    }
}
