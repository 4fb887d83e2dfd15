import Core
import Domain
import Lanes
import Synchronization
import TestSupport
import Testing

@Suite struct `A lane that cannot go on` {
    /// Refuses to open the lane's writer as often as it is told.
    private final class DamagedLog: ForwardingLog {
        let log: any EventLog
        private let left: Mutex<Int>

        init(_ log: any EventLog, times: Int) {
            self.log = log
            left = Mutex(times)
        }

        func writer(named name: String) async throws(LogError) -> any EventWriter {
            let isDamaged = left.withLock { left in
                guard left > 0, name.hasPrefix("torghut.lanes") else { return false }
                left -= 1
                return true
            }
            if isDamaged { throw LogError(.open, .damaged(file: "0.log", byte: 1, what: "the test says so")) }
            return try await log.writer(named: name)
        }
    }

    @Test func `begins again, and takes nothing else down`() async throws {
        let floor = try await LaneFloor()
        let failures = Mutex<[String]>([])
        let lane = AskingLane(floor.context(log: DamagedLog(floor.log, times: 3)))
        let beside = Task {
            await LaneUpkeep.keep(pause: .milliseconds(5)) { _ in
            } _: {
                while !Task.isCancelled { await pause(.seconds(30)) }
            }
        }
        let keeping = Task {
            await LaneUpkeep.keep(pause: .milliseconds(5)) { error in
                failures.withLock { $0.append("\(error)") }
            } _: {
                try await lane.run()
            }
        }
        try await floor.emit(0..<1)
        let deadline = ContinuousClock.now + .seconds(30)
        while try await floor.shadows().isEmpty {
            try #require(ContinuousClock.now < deadline, "it did not begin again")
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(failures.withLock { $0.count } == 3)
        #expect(!beside.isCancelled)
        keeping.cancel()
        beside.cancel()
        await keeping.value
        await beside.value
    }

    @Test func `leaves the work to whoever fenced it`() async {
        let lives = Mutex(0)
        await LaneUpkeep.keep(pause: .zero) { _ in
        } _: {
            lives.withLock { $0 += 1 }
            throw LogError(.append, .fenced(writer: "torghut.lanes.shadow"))
        }
        #expect(lives.withLock { $0 } == 1)
    }
}
