import Core
import Testing

@testable import Runtime

@Suite struct `Whether the system is stopped` {
    private static let now = Timestamp(nanoseconds: 1_770_000_000_000_000_000)

    private func reading(
        latch: Bool = false, environment: Bool = false, log: Bool = false, proved age: Duration? = .seconds(1),
        isUnread: Bool = false
    ) -> StopReading {
        StopReading(
            latch: latch, environment: environment, log: log,
            provedAt: age.flatMap { Self.now.advanced(by: .zero - $0) }, isUnread: isUnread, lease: .seconds(2),
            at: Self.now)
    }

    @Test func `is so when anything says it, and when nobody can know`() {
        #expect(!reading().isEngaged)
        #expect(!reading(proved: .seconds(2)).isEngaged)
        for stopped in [
            reading(latch: true), reading(environment: true), reading(log: true), reading(isUnread: true),
            reading(proved: .milliseconds(2_001)), reading(proved: nil),
        ] { #expect(stopped.isEngaged, "\(stopped)") }
    }

    /// Who has just started, or reads slowly, knows of no stop: he says that he does not know.
    @Test func `is unknown, and counts as a stop, where nobody said so and nobody can know`() {
        #expect(reading().word == "released")
        for unsure in [reading(isUnread: true), reading(proved: nil), reading(proved: .seconds(3))] {
            #expect(unsure.word == "unknown" && unsure.isEngaged, "\(unsure)")
        }
        for said in [reading(latch: true, proved: nil), reading(environment: true), reading(log: true, proved: nil)] {
            #expect(said.word == "engaged", "\(said)")
        }
    }
}
