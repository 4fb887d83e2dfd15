import Core
import Domain
import HTTPServer
import Lanes
import Synchronization
import TestSupport
import Testing
import Threading

@Suite struct `The lane that simulates live orders` {
    @Test func `writes one answer for each intent, and asks no more about it`() async throws {
        let floor = try await LaneFloor()
        try await floor.emit(0..<20)
        try await floor.run { try await floor.shadows().count == 20 }
        let events = try await floor.shadows()
        #expect(Set(events.map(\.envelope.eventID)).count == 20)
        #expect(events.allSatisfy { $0.envelope.cause != nil && $0.envelope.causation != nil })
        // A restart, from the snapshot and from the beginning.
        for _ in 0..<2 {
            try await floor.emit(20..<21)
            try await floor.run { try await floor.shadows().count == 21 }
            #expect(floor.questions == 21)
        }
    }

    @Test func `asks again after a kill what was not written, and nothing else`() async throws {
        let floor = try await LaneFloor()
        try await floor.emit(0..<30)
        var killed = 0
        while try await floor.shadows().count < 30 {
            // A life ends wherever it is: what it had in hand is not written.
            let seen = try await floor.shadows().count
            try await floor.run { try await floor.shadows().count > seen }
            killed += 1
            try #require(killed < 40)
        }
        let events = try await floor.shadows()
        #expect(events.count == 30)
        #expect(Set(events.map(\.envelope.eventID)).count == 30)
    }

    @Test func `gives up on a runner that hangs, in its own time`() async throws {
        let floor = try await LaneFloor { _ in
            await pause(.seconds(20))
            return .text("late")
        }
        try await floor.emit(0..<3)
        var limits = LaneFloor.limits
        limits.callTimeout = .milliseconds(300)
        limits.deadline = .seconds(2)
        try await floor.run(limits) { try await floor.shadows().count == 3 }
        #expect(try await floor.failures() == [.timeout, .timeout, .timeout])
        await floor.goAway()
    }

    @Test func `waits a little for a runner that restarts`() async throws {
        let floor = try await LaneFloor()
        await floor.goAway()
        try await floor.emit(0..<1)
        var limits = LaneFloor.limits
        limits.tries = 100
        let back = Task {
            try await Task.sleep(for: .milliseconds(200))
            try floor.comeBack()
        }
        try await floor.run(limits) { try await floor.shadows().count == 1 }
        try await back.value
        #expect(try await floor.failures().isEmpty)
    }

    @Test(arguments: [
        "nonsense", "[]", "{}", #"{"authority_mode":"embedded_engine","parity_status":"unknown"}"#,
        #"{"simulated_fill_price":"-1","authority_mode":"embedded_engine","parity_status":"unknown"}"#,
        #"{"simulated_fill_price":"1e9","authority_mode":"embedded_engine","parity_status":"unknown"}"#,
        #"{"simulated_fill_price":100,"authority_mode":"trust_me","parity_status":"unknown"}"#,
        #"{"symbol":"MSFT","simulated_fill_price":100,"authority_mode":"embedded_engine","parity_status":"unknown"}"#,
        #"{"simulated_fill_price":1,"simulated_fill_price":2,"authority_mode":"embedded_engine"}"#,
    ])
    func `takes no answer that breaks the contract`(answer: String) async throws {
        let floor = try await LaneFloor { _ in .json(Array(answer.utf8)) }
        try await floor.emit(0..<1)
        try await floor.run { try await floor.shadows().count == 1 }
        #expect(try await floor.failures() == [.contractViolation])
        #expect(floor.questions == 1)
    }

    @Test func `takes a price out of a hash for no evidence`() async throws {
        let floor = try await LaneFloor { _ in
            .json(
                Array(
                    #"{"simulated_fill_price":100.001,"parity_status":"pass","authority_mode":"deterministic_scaffold"}"#
                        .utf8))
        }
        try await floor.emit(0..<1)
        try await floor.run { try await floor.shadows().count == 1 }
        guard case .shadow(.shadowSimulated(let event)) = try await floor.shadows().first?.content else {
            Issue.record("it was not simulated")
            return
        }
        #expect(event.parityStatus == .blockedMissingEmpiricalAuthority)
    }

    @Test func `records what found its queue full`() async throws {
        let floor = try await LaneFloor { _ in
            await pause(.milliseconds(50))
            return .json(Array(LaneFloor.filled.utf8))
        }
        var limits = LaneFloor.limits
        limits.queue = 5
        limits.concurrency = 1
        try await floor.emit(0..<40)
        try await floor.run(limits) { try await floor.shadows().count == 40 }
        let dropped = try await floor.failures()
        #expect(dropped.count >= 30 && dropped.allSatisfy { $0 == .queueFull }, "\(dropped.count)")
        #expect(floor.ear.notes.contains { $0.hasPrefix("dropped") })
    }

    @Test func `records what was too old to be asked about, once`() async throws {
        let floor = try await LaneFloor()
        floor.emittedAt.withLock { $0 = SystemTime().now().advanced(by: .seconds(-86_500)) }
        try await floor.emit(0..<2)
        try await floor.run { try await floor.shadows().count == 2 }
        #expect(try await floor.failures() == [.tooOld, .tooOld])
        // A further life has nothing to say of them.
        floor.emittedAt.withLock { $0 = nil }
        try await floor.emit(2..<3)
        try await floor.run { try await floor.shadows().count == 3 }
        #expect(floor.ear.notes.count { $0.hasPrefix("tooOld") } == 1)
        #expect(floor.questions == 1)
    }

    @Test func `asks nobody how much an order by money buys without a price`() async throws {
        let floor = try await LaneFloor()
        try await floor.emit(0..<1, terms: OrderTerms(notional: 100, orderType: .market, timeInForce: .day))
        try await floor.run { try await floor.shadows().count == 1 }
        guard case .shadow(.shadowSimulated(let event)) = try await floor.shadows().first?.content else {
            Issue.record("it was not answered")
            return
        }
        #expect(event.parityStatus == .inconclusive && event.failureTaxonomy == .quoteMissing)
        #expect(floor.questions == 0)
    }

    @Test func `lets no question wait beyond its time`() async throws {
        let floor = try await LaneFloor { _ in
            await pause(.seconds(20))
            return .text("late")
        }
        var limits = LaneFloor.limits
        limits.concurrency = 1
        limits.tries = 1
        limits.callTimeout = .milliseconds(400)
        limits.deadline = .milliseconds(500)
        try await floor.emit(0..<100)
        try await floor.run(limits) { try await floor.shadows().count == 100 }
        #expect(try await floor.failures().allSatisfy { $0 == .timeout })
        // One after the other they would have taken forty seconds.
        #expect(floor.questions < 20)
        await floor.goAway()
    }

    @Test func `records no answer that is too large`() async throws {
        let floor = try await LaneFloor { _ in
            .json(Array((LaneFloor.filled.dropLast() + #","more":"\#(String(repeating: "x", count: 70_000))"}"#).utf8))
        }
        try await floor.emit(0..<1)
        try await floor.run { try await floor.shadows().count == 1 }
        #expect(try await floor.failures() == [.contractViolation])
    }

    @Test func `asks nobody while its lane is disabled, and says so of each intent`() async throws {
        let floor = try await LaneFloor()
        try await floor.lane(isDisabled: true)
        try await floor.emit(0..<3)
        try await floor.run { try await floor.shadows().count == 3 }
        #expect(try await floor.failures() == [.laneDisabled, .laneDisabled, .laneDisabled])
        #expect(floor.questions == 0)
        try await floor.lane(isDisabled: false)
        try await floor.emit(3..<4)
        try await floor.run { try await floor.shadows().count == 4 }
        #expect(floor.questions == 1)
    }

    @Test func `reports the runner's own words when it refuses`() async throws {
        let floor = try await LaneFloor { _ in
            .json(Array(#"{"code":"contract_invalid","detail":"unknown fields: x"}"#.utf8), status: 422)
        }
        try await floor.emit(0..<1)
        try await floor.run { try await floor.shadows().count == 1 }
        guard case .shadow(.shadowFailed(let failed)) = try await floor.shadows().first?.content else {
            Issue.record("it did not fail")
            return
        }
        #expect(failed.failureTaxonomy == .httpError)
        #expect(failed.httpStatus == 422)
        #expect(failed.reason?.text == "unknown fields: x")
        #expect(failed.attempt == 1)
    }
}
