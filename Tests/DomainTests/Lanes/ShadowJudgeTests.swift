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

    /// What never became an order is no order that is still open.
    @Test(arguments: ["refused", "withdrawn"]) func `says at once that there is no order`(end: String) throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.refused("falls back")
        #expect(tale.judged().isEmpty)
        tale.refused(end)
        let judged = try #require(tale.judged().first)
        #expect(judged.parityStatus == .inconclusive && judged.failureTaxonomy == .noOrder)
        tale.after(.seconds(1_000))
        #expect(tale.judged().isEmpty)
        // It was there after all.
        tale.filled(10, at: 100)
        #expect(tale.judged().map(\.parityStatus) == [.pass])
    }

    /// The broker counts ten, and six of them were told: what became of those says nothing of the other four.
    @Test(arguments: ["trade_correct", "trade_bust"]) func `takes no part that was amended for the whole`(
        amendment: String
    ) throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.filled(6, at: 100, whole: false, total: 6)
        tale.told("fill", status: "filled", filled: 10, average: 101)
        tale.after(.seconds(1))
        tale.told(amendment, status: "filled", slice: ("e-1", 6, 100))
        tale.after(.seconds(1_000))
        #expect(tale.judged().map(\.failureTaxonomy) == [.fillPriceUnknown])
        // The rest is told of: then all is known, and what was taken back is gone.
        tale.filled(4, at: 100, id: "e-2", total: 10)
        let judged = try #require(tale.judged().first)
        #expect(judged.filledQty == (amendment == "trade_bust" ? 4 : 10))
    }

    /// One update knows the one name of an order, another the other; a third shows that they are the same.
    @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func `knows an order by either of its names, in whatever order they are told`(order: [Int]) throws {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        for update in order {
            tale.after(.milliseconds(1))
            switch update {
            case 0: tale.told("new", status: "new", client: nil)
            case 1: tale.told("new", status: "accepted", order: nil, client: "\(tale.hash)")
            default:
                tale.told("fill", status: "filled", filled: 10, client: "\(tale.hash)", slice: ("e-1", 10, 100))
            }
        }
        #expect(tale.judged().map(\.parityStatus) == [.pass])
        #expect(tale.book.orders(ShadowTale.account, tale.hash) == 1)
    }
}
