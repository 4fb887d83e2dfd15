import Bus
import Core
import Domain
import Foundation
import TestSupport
import Wire

/// What a gate said on one morning, in events whose numbers are known by heart.
enum GateDay {
    /// The day begins at 2026-02-12T06:00:00Z.
    static let start = Timestamp(nanoseconds: 1_770_876_000_000_000_000)

    static func at(_ seconds: Int64) -> Timestamp { start.advanced(by: .seconds(seconds)) ?? start }

    private static func event(_ number: Int, _ content: Canary, _ seconds: Int64) -> Event {
        Event(
            Envelope(
                eventID: EventID(hashed: UInt64(number), 9), eventTime: at(seconds), ingestTime: at(seconds),
                source: SourceName(trusted: "gates"), correlation: StoryID(hashed: 1, 1)), .canary(content))
    }

    static func verdict(
        _ number: Int, at seconds: Int64, on breach: BreachType = .fallbackRatioExceeded, _ verdict: Verdict,
        _ observed: Amount?, of threshold: Amount, sample: Int64, isClosed: Bool = false
    ) -> Event {
        event(
            number,
            .canaryJudged(
                CanaryJudged(
                    window: GateWindow(
                        verdict: verdict, windowStart: at(seconds - 900), windowEnd: at(seconds), sample: sample,
                        minimumSample: 20, policyHash: EventMint.content([1]), evaluatedAt: at(seconds),
                        vector: PositionVector(positions: [])),
                    breachType: breach, leanTotal: sample, fallbackTotal: 0, fallbackRatioLimit: threshold,
                    fallbackReasons: [], symbols: [], hardRollbackEnabled: true, action: .none, isClosed: isClosed,
                    observed: observed, threshold: threshold)), seconds)
    }

    static func step(_ number: Int, _ phase: RolloutPhase) throws -> Event {
        event(
            100 + number,
            .rolloutStepTaken(
                RolloutStepTaken(
                    rolloutID: Label(trusted: "lean"), step: Int64(number), phase: phase, lane: .liveCanaryExecution,
                    scopeSymbols: [Symbol(trusted: "BTC/USD")], scopeAccounts: [AccountLabel(trusted: "paper")],
                    scopeShare: .one, stopCondition: try Prose("a breach"), rollbackTrigger: try Prose("an incident"),
                    fallbackRatioLimit: Amount(units: 250_000_000), actor: ActorName(trusted: "ann"),
                    reason: try Prose("it is time"))), Int64(number))
    }

    static func tenths(_ number: Int128) -> Amount { Amount(units: number * 100_000_000) }

    /// In the first minute 0.1 and 0.2, in the third 0.5 against a limit that was changed; beside them a whole window,
    /// one that says nothing, and another limit.
    static func events() throws -> [Event] {
        [
            verdict(1, at: 10, .pass, tenths(1), of: tenths(3), sample: 40),
            verdict(2, at: 20, .pass, tenths(2), of: tenths(3), sample: 41),
            verdict(3, at: 30, .pass, tenths(9), of: tenths(9), sample: 42, isClosed: true),
            verdict(4, at: 130, .breach, tenths(5), of: tenths(4), sample: 43),
            verdict(5, at: 140, .inconclusive, nil, of: tenths(4), sample: 3),
            verdict(6, at: 150, on: .slippageExceeded, .breach, tenths(80), of: tenths(50), sample: 44),
            try step(1, .paper), try step(2, .canary), try step(3, .held),
        ]
    }
}

extension Program {
    /// Appends events as the product's own writers do.
    func tell(_ events: some Sequence<Event>) async throws {
        let log = JournalLog(ground.folder + "/.torghut/journal")
        let writer = try await log.writer(named: "test.day")
        var encoder = EventEncoder()
        var records: [NewRecord] = []
        for event in events {
            records.append(encoder.record(event))
            guard records.count == 500 else { continue }
            try await writer.append(Append(records))
            records = []
        }
        if !records.isEmpty { try await writer.append(Append(records)) }
        await writer.close()
        await log.close()
    }
}
