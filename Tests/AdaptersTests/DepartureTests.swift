import Adapters
import Core
import Domain
import Glibc
import Synchronization
import TestSupport
import Testing
import Threading

/// Lets so many requests leave, and takes its time with each look.
private final class Ration: Departure {
    private struct State {
        var left: Int
        var ended = 0
        var lastLook: Timestamp?
    }

    private let state: Mutex<State>
    private let pause: UInt32

    init(_ count: Int, pause: Duration = .zero) {
        state = Mutex(State(left: count))
        self.pause = UInt32(pause / .microseconds(1))
    }

    var endings: Int { state.withLock { $0.ended } }
    var lastLook: Timestamp? { state.withLock { $0.lastLook } }

    func mayLeave() -> Bool {
        usleep(pause)
        return state.withLock { state in
            state.left -= 1
            state.lastLook = SystemTime().now()
            return state.left >= 0
        }
    }

    func ended() { state.withLock { $0.ended += 1 } }
}

@Suite struct `The last look at a submit` {
    private func submit(_ ground: Ground, _ ration: Ration) async throws -> Answered<SubmitVerdict> {
        var call = try Ground.call()
        call.departure = ration
        return await ground.adapter.submit(try Ground.order("c-1"), call)
    }

    @Test(arguments: Ground.Route.allCases)
    func `that forbids proves that nothing was sent`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        // A used connection has no other rules.
        #expect(await ground.adapter.health(try Ground.call()).verdict == .healthy)
        let ration = Ration(0)
        let answer = try await submit(ground, ration)
        #expect(answer.verdict == .notSent(Refusal(.local, .neverConnected, .unknownError)))
        #expect(answer.call.sentAt == nil && answer.call.sentBytes == 0 && ration.endings == 1)
        #expect(try await ground.counts("c-1") == (0, 0))
    }

    @Test func `is taken again before the repetition after a 429, which stays the answer`() async throws {
        let ground = try Ground(.alpaca)
        try await ground.broker.control("/_sim/outcomes", #"{"action":"rate_limit","milliseconds":1000}"#)
        let ration = Ration(1)
        let answer = try await submit(ground, ration)
        #expect(answer.verdict == .notSent(Refusal(.notSent, .refusedByContract, .rateLimited)))
        #expect(answer.call.tries == 2 && answer.call.sentAt != nil && ration.endings == 2)
        #expect(try await ground.counts("c-1") == (1, 0))
    }

    @Test(arguments: Ground.Route.allCases)
    func `is the moment from which it counts as sent`(route: Ground.Route) async throws {
        let ground = try Ground(route)
        let ration = Ration(1, pause: .milliseconds(300))
        let answer = try await submit(ground, ration)
        #expect(answer.verdict.order != nil)
        let (sent, looked) = (try #require(answer.call.sentAt), try #require(ration.lastLook))
        #expect(sent.since(looked) >= .milliseconds(-5), "\(sent) \(looked)")
    }
}
