import Core
import Foundation
import Testing
import Threading

@Suite struct `The machine's clocks` {
    @Test func `the time of day lies between two readings by Foundation`() throws {
        let before = Date.now.timeIntervalSince1970
        let now = Double(SystemTime().now().nanoseconds) / 1e9
        let after = Date.now.timeIntervalSince1970
        // Foundation's double rounds to a quarter of a microsecond.
        #expect(now >= before - 1e-5 && now <= after + 1e-5)
    }

    @Test func `uptime never goes back`() {
        let time = SystemTime()
        var last = time.uptime()
        for _ in 0..<100_000 {
            let next = time.uptime()
            guard next >= last else {
                Issue.record("\(next) came after \(last)")
                return
            }
            last = next
        }
        #expect(last > .zero)
    }
}
