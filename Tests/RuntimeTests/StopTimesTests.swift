import Testing

@testable import Runtime

@Suite struct `How long a stop took` {
    @Test func `is told of the last stop, by the slowest report of each process`() {
        let times = StopTimes()
        #expect(times.note(300, of: "one") == (300, false))
        #expect(times.note(100, of: "one") == (300, false))
        #expect(times.note(900, of: "two") == (900, false))
        // A release changes nothing that is told; the stop after it begins anew, for everybody.
        times.released()
        #expect(times.note(200, of: "one") == (200, true))
        #expect(times.note(50, of: "two") == (50, false))
    }
}
