import Adapters
import Core
import Domain
import Synchronization
import Testing
import Threading

@testable import Commands

@Suite struct `What an adapter's verdict means to the router` {
    private func answer(_ verdict: SubmitVerdict, status: Int64? = nil) -> SubmitAnswer {
        SubmitAnswer(Answered(verdict, CallRecord(reply: AdapterReply(httpStatus: status))))
    }

    @Test func `a refusal without a connection was never sent`() {
        let refusal = Refusal(.notSent, .neverConnected, .connectRefused)
        #expect(answer(.notSent(refusal)) == .neverConnected(AdapterReply()))
        #expect(
            answer(.notSent(Refusal(.local, .neverConnected, .deadlinePassed)))
                == .heldBack(.deadlinePassed, AdapterReply()))
    }

    @Test func `a stale epoch proves nothing of the attempt, which is for the new owner to find out`() {
        let answer = answer(.notSent(Refusal(.notSent, .refusedByContract, .staleEpoch)), status: 409)
        #expect(answer == .unclear(.staleEpoch, AdapterReply(httpStatus: 409), raw: nil))
        #expect(answer.isLate)
    }

    @Test func `an id that is taken proves the opposite of absence`() {
        let answer = answer(.taken(.brokerRejected), status: 422)
        guard case .unclear(.brokerRejected, let reply, _) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(reply.code?.text == ReplyMeaning.duplicateClientOrderID)
        #expect(answer.isLate)
    }

    @Test func `a refusal by contract keeps its class`() {
        #expect(
            answer(.rejected(Refusal(.brokerRejected, .refusedByContract, .brokerRejected)))
                == .refused(.brokerRejected, .brokerRejected, AdapterReply(), raw: nil))
        #expect(!answer(.unknown(.timeout)).isLate)
    }
}

@Suite struct `The last look before a first byte` {
    private let now = Timestamp(nanoseconds: 1_000_000_000_000)
    private func permit(_ stop: LocalStop = .none) -> SendPermit { SendPermit({ stop }, lease: .seconds(2)) }
    private var deadline: Timestamp { later(5) }
    private func later(_ seconds: Int) -> Timestamp { now.advanced(by: .seconds(seconds)) ?? .latest }

    @Test func `goes when control is fresh and nothing stops it`() {
        let permit = permit()
        permit.publish(nil, controlSeenAt: now)
        #expect(permit.look(at: later(2), deadline: deadline) == .go)
        #expect(permit.look(at: later(3), deadline: deadline) == .wait)
    }

    @Test func `is forbidden by anything that stops`() {
        let open = permit()
        // Engaged until control said otherwise.
        #expect(open.look(at: now, deadline: deadline) == .forbidden(.killSwitch))
        open.publish(.emergencyStop, controlSeenAt: now)
        #expect(open.look(at: now, deadline: deadline) == .forbidden(.emergencyStop))
        open.publish(nil, controlSeenAt: now)
        #expect(open.look(at: deadline, deadline: deadline) == .forbidden(.deadline))
        open.withdraw()
        #expect(open.look(at: now, deadline: deadline) == .forbidden(.notOwner))
        let latched = permit(LocalStop(latchFile: true))
        latched.publish(nil, controlSeenAt: now)
        #expect(latched.look(at: now, deadline: deadline) == .forbidden(.killSwitch))
    }
}

@Suite struct `An adapter's limit` {
    @Test func `is lent to one step at a time, so that two never prepare for the same place`() {
        let gate = CallGate(limit: 2)
        let first = gate.lend()
        #expect(first[.lean] == 2 && first[.alpaca] == 2)
        #expect(gate.lend()[.lean] == 0)
        gate.settle(first, used: [.lean])
        let second = gate.lend()
        #expect(second[.lean] == 1 && second[.alpaca] == 2)
        gate.settle(second, used: [.lean])
        #expect(gate.lend()[.lean] == 0)
        gate.end(.lean)
        #expect(gate.lend()[.lean] == 1)
    }

    @Test func `wakes whoever waits for a place of that adapter, once, and at once where there is one`() {
        let gate = CallGate(limit: 1)
        let woken = Guard(0)
        gate.settle(gate.lend(), used: [.lean])
        gate.wait(for: [.lean], 3) { woken.change { $0 += 1 } }
        // Places of another adapter are none for it.
        gate.settle(gate.lend(), used: [])
        #expect(woken.value == 0)
        gate.end(.lean)
        #expect(woken.value == 1)
        gate.settle(gate.lend(), used: [])
        #expect(woken.value == 1)
        gate.wait(for: [.lean], 3) { woken.change { $0 += 1 } }
        #expect(woken.value == 2)
    }
}

@Suite struct `One step's records` {
    private func record(_ bytes: Int) -> NewRecord {
        NewRecord(topic: "t", value: [UInt8](repeating: 0, count: bytes))
    }

    @Test func `are one append, and more only beyond the log's limits`() {
        #expect(AppendChunks([]).map(\.count) == [])
        #expect(AppendChunks((0..<10).map { _ in record(100) }).map(\.count) == [10])
        let large = (0..<40).map { _ in record(1 << 20) }
        #expect(AppendChunks(large).map(\.count) == [16, 16, 8])
        #expect(
            AppendChunks((0...LogLimits.maximumAppendRecords).map { _ in record(1) }).map(\.count) == [
                LogLimits.maximumAppendRecords, 1,
            ])
    }
}

@Suite struct `The wishes of people` {
    @Test func `are taken up to a limit, and none after the end`() {
        let inbox = RouterInbox(maximumWishes: 2)
        let wish = RouterInput.cancelWanted(
            IntentID(high: 1, low: 1), .byOperator, actor: nil, reason: nil, controlEventID: nil)
        #expect(inbox.wish(wish))
        #expect(inbox.wish(wish))
        #expect(!inbox.wish(wish))
        #expect(inbox.take(upTo: 10).count == 2)
        inbox.close()
        #expect(!inbox.wish(wish))
    }

    @Test func `answers come oldest first, so many at a time`() {
        let inbox = RouterInbox(maximumWishes: 2)
        for number in 1...3 {
            inbox.begin()
            inbox.end(.voided(IntentID(high: 1, low: UInt64(number)), AttemptID(high: 1, low: 1), .failed))
        }
        #expect(!inbox.isQuiet)
        #expect(inbox.take(upTo: 2).count == 2)
        #expect(inbox.take(upTo: 2) == [.voided(IntentID(high: 1, low: 3), AttemptID(high: 1, low: 1), .failed)])
        #expect(inbox.isQuiet)
    }
}
