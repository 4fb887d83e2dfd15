import Core
import ProjectionsTestSupport
import TestSupport
import Testing

@testable import Projections

@Suite struct `The views of a projection` {
    private static let columns = """
        SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = 'sized_orders'::regclass AND attnum > 0
        """

    /// Readers keep every column they were shown; where the tables behind have it not, it is null.
    @Test func `switch to a version with more columns, and back, by the newer program and by the older`() async throws {
        let older = try await Rig([SizedMix<Small>.self])
        var newer = older
        newer.projections = [SizedMix<Grown>.self]
        var events = MixEvents(seed: Storm.seed)
        try await older.append(&events, orders: 50, count: 300)
        try await older.catchUp()
        #expect(try older.rows(Self.columns) == ["log_partition,client_order_id,steps,order_id"])
        // Somebody else's view over ours.
        _ = try older.rows("CREATE VIEW report AS SELECT order_id, steps FROM sized_orders; SELECT 1")
        let rebuild = Rebuild(log: older.log, database: older.settings, owner: "rebuild", observer: Watcher())
        _ = try await rebuild.run(SizedMix<Grown>.self)
        #expect(try await rebuild.promote(SizedMix<Grown>.self).version == 2)
        let all = ["log_partition,client_order_id,steps,order_id,symbol,name"]
        #expect(try older.rows(Self.columns) == all)
        let totals = "SELECT * FROM sized_totals"
        let symbols = try older.rows("SELECT count(DISTINCT symbol) FROM sized_orders")[0]
        #expect(try older.rows(totals) == ["300|\(symbols)"])

        #expect(try await rebuild.rollBack(SizedMix<Grown>.self).version == 1)
        #expect(try older.rows(Self.columns) == all)
        #expect(try older.rows(totals) == ["300|0"])
        #expect(try older.rows("SELECT count(*), count(symbol), count(name) FROM sized_orders")[0].hasSuffix("|0|0"))
        try await older.append(&events, orders: 50, count: 100)
        try await older.catchUp()
        #expect(try older.rows(totals) == ["400|0"])

        #expect(try await rebuild.rollBack(SizedMix<Grown>.self).version == 2)
        #expect(try older.rows(totals) == ["400|\(symbols)"])
        try await newer.append(&events, orders: 50, count: 100)
        try await newer.catchUp()
        #expect(try await rebuild.rollBack(SizedMix<Small>.self).version == 1)
        #expect(try older.rows(totals) == ["500|∅"])
        #expect(try older.rows(Self.columns) == all)
        #expect(try older.rows("SELECT sum(steps) FROM report") == ["500"])
    }

    /// The program that switched back, or dropped, does not know every table of the version that went.
    @Test(arguments: [true, false])
    func `keep their columns when a table goes that only the newer program knows`(drops newer: Bool) async throws {
        let rig = try await Rig([SizedMix<Small>.self])
        var events = MixEvents(seed: Storm.seed)
        try await rig.append(&events, orders: 50, count: 300)
        try await rig.catchUp()
        let rebuild = Rebuild(log: rig.log, database: rig.settings, owner: "rebuild", observer: Watcher())
        _ = try await rebuild.run(SizedMix<Grown>.self)
        _ = try await rebuild.promote(SizedMix<Grown>.self)
        #expect(try rig.rows("SELECT count(*) FROM sized_steps") == ["300"])
        #expect(try await rebuild.rollBack(SizedMix<Small>.self).version == 1)
        if newer {
            #expect(try await rebuild.drop(SizedMix<Grown>.self).map(\.version) == [2])
            #expect(try rig.rows("SELECT count(log_offset) FROM sized_steps") == ["0"])
        } else {
            #expect(try await rebuild.drop(SizedMix<Small>.self).map(\.version) == [2])
        }
        _ = try await rebuild.run(SizedMix<Grown>.self)
        #expect(try await rebuild.promote(SizedMix<Grown>.self).version == 2)
        #expect(try rig.rows("SELECT count(log_offset) FROM sized_steps") == ["300"])
    }
}
