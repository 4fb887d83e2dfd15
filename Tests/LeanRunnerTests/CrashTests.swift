import HTTPClient
import TestSupport
import Testing

@testable import lean_runner

/// The program is killed at every step of a submit, and asked again: to send it, or to void it.
@Suite struct `Killing the runner at every step of a submit` {
    enum End: String, CaseIterable, Sendable { case again, void }

    /// What the broker has when the program dies.
    private static func isMade(_ step: SubmitStep) -> Bool {
        switch step {
        case .admitted, .received, .sending: false
        case .called, .settled: true
        }
    }

    @Test func `leaves at most one order, and a ledger that answers`() async throws {
        let broker = try Simulator("alpaca")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for step in SubmitStep.allCases {
                for end in End.allCases { group.addTask { try await Self.kill(at: step, end, broker) } }
            }
            try await group.waitForAll()
        }
    }

    private static func kill(at step: SubmitStep, _ end: End, _ broker: Simulator) async throws {
        let ground = try RunnerGround(broker: broker)
        let id = "\(step.rawValue)-\(end.rawValue)"
        let first = try ground.start("--drill-kill-at", step.rawValue)
        #expect(await first.submit(id) == nil, "\(id)")
        #expect(try await first.ended() == -9, "\(id)")
        #expect(try await ground.tally(id).orders == (isMade(step) ? 1 : 0), "\(id)")
        try await judge(try ground.start(), ground, id, end, isMade(step))
        // And once more: what was proved is written down.
        let later = try ground.start()
        if end == .void, !isMade(step) {
            #expect(await later.submit(id)?.code == "voided", "\(id)")
        } else {
            #expect(await later.submit(id)?.isReplay == true, "\(id)")
        }
        let tally = try await ground.tally(id)
        #expect(tally.orders == (end == .void && !isMade(step) ? 0 : 1), "\(id): \(tally)")
        #expect(tally.submits <= 1, "\(id): \(tally)")
    }

    private static func judge(
        _ runner: RunnerProgram, _ ground: RunnerGround, _ id: String, _ end: End, _ wasMade: Bool
    ) async throws {
        let answer = try await runner.eventually("a proof of \(id)") {
            end == .again ? await runner.submit(id) : await runner.void(id)
        } _: {
            $0.outcome != "unknown"
        }
        switch (end, wasMade) {
        case (.again, _):
            #expect(answer.status == 200, "\(id): \(answer.json.text)")
            #expect(answer.isReplay == wasMade, "\(id)")
        case (.void, true): #expect(answer.outcome == "submitted", "\(id): \(answer.json.text)")
        case (.void, false): #expect(answer.outcome == "voided", "\(id): \(answer.json.text)")
        }
        try await runner.killed()
    }

    @Test(arguments: ["hang_before", "hang_after"])
    func `while the broker hangs leaves it in doubt, until a look-up proves it`(fate: String) async throws {
        let ground = try RunnerGround()
        try await ground.tell(fate, "slow", milliseconds: 60_000)
        let first = try ground.start()
        async let lost = first.submit("slow")
        try await ground.submitted("slow")
        try await first.killed()
        #expect(await lost == nil)
        let runner = try ground.start()
        if fate == "hang_before" {
            // One look at a broker that knows nothing proves nothing yet.
            let early = await runner.submit("slow")
            #expect(early?.status == 502)
            #expect(early?.outcome == "unknown")
            #expect(await runner.ask(.get, "/readyz")?.json("unresolved_orders", as: Int.self) == 1)
        }
        let proved = try await runner.eventually("a proof") {
            await runner.submit("slow")
        } _: {
            $0.status == 200
        }
        #expect(proved.isReplay == (fate == "hang_after"))
        let tally = try await ground.tally("slow")
        #expect(tally.orders == 1)
        #expect(tally.submits == (fate == "hang_after" ? 1 : 2))
    }
}
