import Core
import Domain
import Testing

@Suite struct `The book of the shadow lane` {
    private static func whole() -> ShadowTale {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.filled(10, at: 101)
        _ = tale.judged()
        tale.after(.seconds(1))
        tale.told("trade_correct", status: "filled", slice: ("e-1", 10, 100))
        _ = tale.judged()
        return tale
    }

    @Test func `says the same however often its own events are read again`() {
        let tale = Self.whole()
        var book = tale.book
        for (event, position) in tale.events { book.fold(event, at: position) }
        #expect(book.tally == tale.book.tally)
        #expect(book.takeJudgements(at: tale.now).isEmpty)
        #expect(book.takeUnanswered(at: tale.now).intents.isEmpty)
    }

    @Test func `goes on from its snapshot as if nothing had happened`() throws {
        let tale = Self.whole()
        for cut in 0...tale.events.count {
            var book = ShadowBook()
            for (event, position) in tale.events[..<cut] { book.fold(event, at: position) }
            var resumed = try ShadowBook(snapshot: book.snapshot).under(ShadowPolicy())
            #expect(resumed == book)
            for (event, position) in tale.events[cut...] {
                book.fold(event, at: position)
                resumed.fold(event, at: position)
            }
            #expect(resumed == book)
            #expect(resumed.takeUnanswered(at: tale.now).intents.isEmpty)
            #expect(resumed.takeJudgements(at: tale.now).isEmpty)
        }
    }

    @Test func `asks about what nobody answered, once, unless it is too old`() throws {
        var tale = ShadowTale()
        tale.emitted()
        let unanswered = tale.book
        #expect(tale.book.takeUnanswered(at: tale.now).intents.count == 1)
        #expect(tale.book.takeUnanswered(at: tale.now).intents.isEmpty)
        // A restart has taken nothing yet.
        var resumed = try ShadowBook(snapshot: unanswered.snapshot)
        let late = tale.now.advanced(by: .seconds(86_401)) ?? .latest
        let (intents, tooOld) = resumed.takeUnanswered(at: late)
        #expect(intents.isEmpty && tooOld.count == 1)
    }

    @Test func `takes the broker's words before it has read the intent`() throws {
        var tale = ShadowTale()
        tale.filled(10, at: 101)
        tale.simulated(100)
        tale.emitted()
        #expect(tale.book.takeUnanswered(at: tale.now).intents.isEmpty)
        tale.after(.seconds(900))
        #expect(tale.judged().map(\.parityDeltaBps) == [100])
    }

    @Test func `counts outcomes, and a simulation that waits is none`() {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        #expect(tale.book.tally.statuses.isEmpty)
        tale.filled(10, at: 101)
        _ = tale.judged()
        #expect(tale.book.tally.statuses.map(\.name.text) == ["drift"])
        #expect(tale.book.tally.failures.map(\.name.text) == ["execution_quality_drift"])
    }

    @Test func `knows whether its lane is disabled`() throws {
        var tale = ShadowTale()
        let order = ControlOrder(
            scope: .global, actor: ActorName(trusted: "ann"), reason: try Prose("a test"))
        tale.write(.control(.laneDisabled(LaneDisabled(order: order, lane: .execution))))
        #expect(!tale.book.isLaneDisabled)
        tale.write(.control(.laneDisabled(LaneDisabled(order: order, lane: .liveShadowExecution))))
        #expect(tale.book.isLaneDisabled)
        tale.write(.control(.laneEnabled(LaneEnabled(order: order, lane: .liveShadowExecution))))
        #expect(!tale.book.isLaneDisabled)
    }

    @Test func `forgets what nothing was heard of`() {
        var tale = Self.whole()
        #expect(tale.book.count == 1)
        tale.after(.seconds(7 * 86_400 + 61))
        var other = ShadowTale("two")
        other.now = tale.now
        other.emitted()
        // A clock that ran ahead once forgets nothing; a second record that agrees does.
        for (event, position) in other.events { tale.book.fold(event, at: position) }
        #expect(tale.book.count == 2)
        for (event, position) in other.events { tale.book.fold(event, at: position) }
        #expect(tale.book.count == 1)
    }

    @Test func `remembers an order that rests, and judges its late fill`() {
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        tale.told("new", status: "new")
        tale.after(.seconds(900))
        #expect(tale.judged().map(\.failureTaxonomy) == [.openAtHorizon])
        tale.after(.seconds(20 * 86_400))
        let order = tale
        tale = ShadowTale("two")
        tale.now = order.now
        tale.emitted()
        var book = order.book
        for _ in 0..<2 { for (event, position) in tale.events { book.fold(event, at: position) } }
        tale = order
        tale.book = book
        tale.filled(10, at: 101)
        #expect(tale.judged().map(\.revision) == [2])
    }

    @Test func `takes whose time is over, also behind one that was decided later`() {
        var later = ShadowTale("later")
        later.after(.seconds(600))
        later.emitted()
        later.simulated(100)
        var tale = ShadowTale()
        tale.emitted()
        tale.simulated(100)
        var book = later.book
        for (event, position) in tale.events { book.fold(event, at: position) }
        let due = ShadowTale.start.advanced(by: .seconds(900)) ?? .latest
        #expect(book.takeJudgements(at: due).map(\.intent.decision) == [tale.hash])
    }
}
