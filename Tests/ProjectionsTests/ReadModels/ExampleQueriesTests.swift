import Domain
import Foundation
import TestSupport
import Testing

@testable import Projections

@Suite struct `Every read model in Postgres` {
    private static func examples() throws -> [String] {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/read-models.md")
        let parts = try String(contentsOf: path, encoding: .utf8).components(separatedBy: "```sql\n")
        return parts.dropFirst().map { $0.components(separatedBy: "\n```")[0] }
    }

    @Test func `holds the rows that the fold gave, and answers each example of the page`() async throws {
        let seed = Storm.seed
        let events = Array(StoryTeller(.init(seed: seed, orders: 60, symbols: 5, open: 10)))
        let rig = try await Rig(Catalog.all)
        try await rig.append(events)
        try await rig.catchUp()
        for projection in Catalog.all {
            func open<P: Projection>(_ projection: P.Type) throws {
                var memory = FoldRig<P>()
                memory.fold(events)
                for shape in P.shapes where shape.name != ParkedRow.table {
                    let name = shape.name.name
                    let count = memory.rows.keys.count { $0.hasPrefix("\(name) ") }
                    #expect(try rig.rows("SELECT count(*) FROM \(name)") == ["\(count)"], "\(name), seed \(seed)")
                }
            }
            try open(projection)
        }
        let examples = try Self.examples()
        #expect(examples.count > 15)
        for sql in examples { _ = try rig.rows(sql) }
        #expect(
            try rig.rows("SELECT count(*) FROM executions WHERE decision_id IS DISTINCT FROM trade_decision_id") == [
                "0"
            ])
        #expect(try rig.rows("SELECT count(*) > 0 FROM execution_tca_symbol_agg_v1") == ["t"])
    }
}
