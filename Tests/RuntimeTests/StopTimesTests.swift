import Core
import Domain
import Testing

@testable import Runtime

@Suite struct `How long a stop took` {
    private let first = EventID(hashed: 1, 1)
    private let second = EventID(hashed: 2, 2)

    @Test func `is told of the engagement in force, by the slowest partition of each process`() {
        let times = StopTimes()
        #expect(times.note(300, of: "one", at: first).longest == 300)
        #expect(times.note(100, of: "one", at: first) == (300, false))
        #expect(times.note(900, of: "two", at: first) == (900, false))
        // A new engagement begins anew, for everybody.
        #expect(times.note(200, of: "one", at: second) == (200, true))
        #expect(times.note(50, of: "two", at: second) == (50, false))
        #expect(times.released() && !times.released())
        // One by a latch has no event; it is one all the same.
        #expect(times.note(70, of: "one", at: nil).longest == 70)
    }
}
