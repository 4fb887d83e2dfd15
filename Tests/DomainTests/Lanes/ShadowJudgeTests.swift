import Core
import Domain
import Testing

@Suite struct `Judging a simulation by its real fill` {
    private static func amount(_ text: String) throws -> Amount { try Amount(text) }

    @Test(
        arguments: [
            (.buy, "100", "100", "0", .pass), (.buy, "100", "100.03", "3", .pass),
            (.buy, "100", "100.0301", "3.01", .drift),
            (.buy, "100", "99.9", "-10", .drift), (.sell, "100", "99.96", "4", .drift),
            (.sell, "100", "100.02", "-2", .pass),
        ] as [(Side, String, String, String, ParityStatus)])
    func `tells the cost in basis points, and whether it is within the limit`(
        side: Side, simulated: String, actual: String, delta: String, status: ParityStatus
    ) throws {
        var tale = ShadowTale(side: side)
        tale.emitted()
        tale.simulated(try Self.amount(simulated))
        tale.filled(10, at: try Self.amount(actual))
        let judged = try #require(tale.judged().first)
        #expect(judged.parityDeltaBps == (try Self.amount(delta)))
        #expect(judged.parityStatus == status)
        #expect(judged.failureTaxonomy == (status == .drift ? .executionQualityDrift : nil))
        #expect(tale.judged().isEmpty)
    }

    @Test func `weighs the fills by their quantities`() throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.filled(4, at: 100, whole: false)
        #expect(tale.judged().isEmpty)
        tale.filled(6, at: try Self.amount("100.05"), id: "e-2", total: 10)
        let judged = try #require(tale.judged().first)
        #expect(judged.actualFillPrice == (try Self.amount("100.03")))
        #expect(judged.parityDeltaBps == 3)
    }

    @Test func `waits for the price of what the broker counts as filled`() throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.told("fill", status: "filled", filled: 10)
        #expect(tale.judged().isEmpty)
        tale.filled(10, at: 100)
        #expect(tale.judged().map(\.parityStatus) == [.pass])
    }

    @Test(arguments: [("4", .inconclusive, .partialFill), ("5", .pass, nil)] as [(String, ParityStatus, LaneFailure?)])
    func `judges by a part only when half of it was filled`(
        qty: String, status: ParityStatus, failure: LaneFailure?
    ) throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.filled(try Self.amount(qty), at: 100, whole: false)
        tale.told("canceled", status: "canceled", filled: try Self.amount(qty))
        let judged = try #require(tale.judged().first)
        #expect(judged.parityStatus == status)
        #expect(judged.failureTaxonomy == failure)
    }

    @Test func `knows no verdict of an order that ended without a fill`() throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.told("expired", status: "expired", filled: .zero)
        #expect(tale.judged().map(\.failureTaxonomy) == [.noFill])
    }

    @Test func `says at the horizon that it cannot tell, and amends it when the fill comes late`() throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.told("new", status: "new")
        tale.after(.seconds(899))
        #expect(tale.judged().isEmpty)
        tale.after(.seconds(1))
        let first = try #require(tale.judged().first)
        #expect(first.failureTaxonomy == .openAtHorizon)
        #expect(first.revision == 1)
        tale.after(.seconds(3_600))
        #expect(tale.judged().isEmpty)
        tale.filled(10, at: 101)
        let second = try #require(tale.judged().first)
        #expect(second.parityStatus == .drift)
        #expect(second.revision == 2)
        #expect(second.supersedes != nil)
    }

    @Test func `judges again what was corrected, and what was taken back`() throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.filled(10, at: 101)
        #expect(tale.judged().map(\.parityStatus) == [.drift])
        tale.after(.seconds(5))
        tale.told("trade_correct", status: "filled", slice: ("e-1", 10, 100))
        #expect(tale.judged().map(\.parityStatus) == [.pass])
        tale.told("trade_bust", status: "filled", slice: ("e-1", 10, 100))
        let last = try #require(tale.judged().first)
        #expect(last.parityStatus == .inconclusive)
        #expect(last.filledQty == .zero)
        #expect(last.revision == 3)
        // The same again says nothing new.
        tale.told("trade_bust", status: "filled", slice: ("e-1", 10, 100))
        #expect(tale.judged().isEmpty)
    }

    @Test func `stops amending after so many revisions`() throws {
        var policy = ShadowPolicy()
        policy.maximumRevisions = 3
        var tale = ShadowTale("one", policy)
        tale.emitted()
        tale.simulated(100)
        tale.filled(10, at: 100)
        var revisions = tale.judged().count
        for price in 101...110 {
            tale.after(.seconds(1))
            tale.told("trade_correct", status: "filled", slice: ("e-1", 10, Amount(Int64(price))))
            revisions += tale.judged().count
        }
        #expect(revisions == 3)
    }

    @Test func `holds no fill against a scaffold or against nothing`() {
        for (price, authority) in [(100, .deterministicScaffold), (nil, .embeddedEngine)] as [(Amount?, AuthorityMode)]
        {
            var tale = ShadowTale()
            tale.emitted()
            tale.simulated(price, authority)
            tale.filled(10, at: 100)
            #expect(tale.judged().isEmpty)
        }
    }

    @Test func `follows an order through its replacements`() throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.told("partial_fill", status: "partially_filled", filled: 5, slice: ("e-1", 5, 100))
        tale.told("replaced", status: "replaced", filled: 5)
        #expect(tale.judged().isEmpty)
        tale.told("fill", status: "filled", filled: 5, order: "o-2", slice: ("e-2", 5, 102))
        let judged = try #require(tale.judged().first)
        #expect(judged.actualFillPrice == 101)
        #expect(judged.filledQty == 10)
    }
}
