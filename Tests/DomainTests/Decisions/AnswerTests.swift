import Core
import Domain
import TestSupport
import Testing

@Suite struct `A decision that comes again` {
    @Test func `gets its first answer, and no second intent`() throws {
        let day = TradingDay()
        var state = day.state
        let first = day.decider.answer(Wish().record(on: day), in: &state, on: day.bench)
        let again = day.decider.answer(Wish(offset: 8).record(on: day), in: &state, on: day.bench)
        guard case .repeated(let earlier) = again else { return #expect(Bool(false), "\(again)") }
        #expect(earlier.outcome == .intent && earlier.eventID == first.event?.envelope.eventID)
        #expect(again.event == nil)
        #expect(earlier.cause.offset == 0)
    }

    @Test func `is a conflict under another body, which names what differs`() {
        let day = TradingDay()
        var state = day.state
        _ = day.decider.answer(Wish().record(on: day), in: &state, on: day.bench)
        let other = Wish(qty: "11", limit: "101", offset: 8, rationale: "so").record(on: day)
        let answer = day.decider.answer(other, in: &state, on: day.bench)
        guard case .conflicted(let event) = answer, case .intents(.decisionConflicted(let conflict)) = event.content
        else { return #expect(Bool(false), "\(answer)") }
        #expect(conflict.conflictingFields.map(\.text) == ["quantity", "limit_price", "rationale"])
        #expect(conflict.recordedBodyHash != conflict.conflictingBodyHash)
        #expect(conflict.firstCause.offset == 0 && conflict.conflictingCause.offset == 8)
        // The first body stands.
        let again = day.decider.answer(Wish(offset: 9).record(on: day), in: &state, on: day.bench)
        #expect(again.event == nil)
    }

    @Test func `is known by what was asked, not by what was ordered`() {
        let day = TradingDay()
        var state = day.state
        _ = day.decider.answer(Wish(qty: "1.9").record(on: day), in: &state, on: day.bench)
        #expect(day.decider.answer(Wish(qty: "1.9").record(on: day), in: &state, on: day.bench).event == nil)
        guard case .conflicted = day.decider.answer(Wish(qty: "1").record(on: day), in: &state, on: day.bench) else {
            return #expect(Bool(false), "another quantity is another body")
        }
    }

    @Test func `is remembered as refused, too`() {
        var day = TradingDay()
        day.isKilled = true
        var state = day.state
        #expect(day.decider.answer(Wish().record(on: day), in: &state, on: day.bench).isBlocked)
        day.fold(.control(.killSwitchReleased(KillSwitchReleased(order: TradingDay.order()))), into: &state)
        guard case .repeated(let earlier) = day.decider.answer(Wish().record(on: day), in: &state, on: day.bench) else {
            return #expect(Bool(false), "the first answer stands")
        }
        #expect(earlier.outcome == .blocked)
    }

    @Test func `is forgotten when it is too old to be asked, and not before`() {
        let day = TradingDay()
        var state = day.state
        _ = day.decider.answer(Wish().record(on: day), in: &state, on: day.bench)
        #expect(state.rememberedAnswers == 1)
        for (seconds, count) in [(605, 1), (611, 0)] {
            var later = day
            later.now = day.now.advanced(by: .seconds(seconds)) ?? .latest
            later.fold(.control(.laneEnabled(LaneEnabled(order: TradingDay.order(), lane: .execution))), into: &state)
            #expect(state.rememberedAnswers == count)
        }
    }
}

@Suite struct `The state of the decider` {
    /// A day of seeded decisions, fills and facts.
    private func busy(_ seed: UInt64) -> (state: DecisionState, events: [Event], day: TradingDay) {
        var day = TradingDay()
        day.settings["TRADING_ALLOW_SHORTS"] = "true"
        day.account.positions = [.of("AAPL", "10"), .of("MSFT", "-3")]
        var random = SplitMix64(seed: seed)
        var state = day.state
        var events: [Event] = []
        for number in 0..<60 {
            let symbols = ["AAPL", "MSFT", "BTC/USD"]
            let wish = Wish(
                symbol: symbols[Int(random.next() % 3)], action: random.next() % 2 == 0 ? .buy : .sell,
                qty: "\(random.next() % 12)", age: .milliseconds(Int64(random.next() % 900_000)),
                offset: Int64(number))
            let answer = day.decider.answer(wish.record(on: day), in: &state, on: day.bench)
            guard let event = answer.event else { continue }
            events.append(event)
            if let intent = answer.intent, random.next() % 2 == 0 {
                let withdrawn = IntentWithdrawn(
                    intentID: intent.intentID, decisionHash: intent.decisionHash, clientOrderID: intent.clientOrderID,
                    withdrawalReason: .canceled, attemptCount: 0)
                let over = Event(event.envelope, .route(.intentWithdrawn(withdrawn)))
                state.fold(over, at: 0)
                events.append(over)
            }
            day.now = day.now.advanced(by: .milliseconds(100)) ?? .latest
        }
        return (state, events, day)
    }

    @Test func `is a fold of the log: refolded is live, and a snapshot is both`() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let (live, events, _) = busy(seed)
            var day = TradingDay()
            day.settings["TRADING_ALLOW_SHORTS"] = "true"
            day.account.positions = [.of("AAPL", "10"), .of("MSFT", "-3")]
            var refolded = day.state
            for event in events { refolded.fold(event, at: 0) }
            #expect(refolded == live, "seed \(seed)")
            let bytes = live.snapshot
            #expect(bytes == refolded.snapshot, "seed \(seed)")
            #expect(try DecisionState(snapshot: bytes) == live, "seed \(seed)")
        }
    }

    @Test func `goes on from a snapshot as if nothing had been`() throws {
        let (live, _, day) = busy(3)
        var restored = try DecisionState(snapshot: live.snapshot)
        var state = live
        for number in 0..<20 {
            let wish = Wish(age: .milliseconds(number), offset: Int64(1_000 + number))
            #expect(
                day.decider.answer(wish.record(on: day), in: &state, on: day.bench)
                    == day.decider.answer(wish.record(on: day), in: &restored, on: day.bench))
        }
        #expect(state == restored)
    }

    @Test func `is never read from bytes that are not wholly its own`() {
        let bytes = busy(4).state.snapshot
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: StateFault.self) { try DecisionState(snapshot: Array(bytes.prefix(length))) }
        }
        #expect(throws: StateFault.self) { try DecisionState(snapshot: bytes + [0]) }
    }

    /// Damage is found by whoever keeps the file; here it must only never crash.
    @Test func `survives bytes that were changed anywhere`() {
        let bytes = busy(5).state.snapshot
        var random = SplitMix64(seed: 11)
        var refused = 0
        for _ in 0..<400 {
            var damaged = bytes
            damaged[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            do { _ = try DecisionState(snapshot: damaged) } catch { refused += 1 }
        }
        #expect(refused > 50)
    }
}

@Suite struct `Settings` {
    private func policy(_ settings: [String: String]) -> Policy { Policy(settings: { settings[$0] }) }

    @Test(arguments: [
        ("TRADING_MODE", "real"), ("TRADING_ENABLED", "perhaps"), ("TRADING_EXECUTION_ADAPTER", "laen"),
        ("TRADING_EXECUTION_ADAPTER_POLICY", "some"), ("TRADING_EXECUTION_FALLBACK_ADAPTER", "lean"),
        ("TRADING_MAX_NOTIONAL_PER_TRADE", "10k"), ("TRADING_COOLDOWN_SECONDS", "-1"),
        ("TRADING_PLANNED_DECISION_TIMEOUT_SECONDS", "0"), ("TRADING_KILL_LEASE", "never"),
        ("TRADING_LEAN_BREAKER_ERROR_RATE_LIMIT", "1.5"), ("TRADING_EXECUTION_FALLBACK_LIMIT", "2"),
        ("APCA_API_BASE_URL", "https://api.alpaca.markets"), ("TRADING_KILL_SWITCH_ENABLED", "on?"),
        ("TRADING_STATIC_SYMBOLS", "AAPL,\u{1}"),
    ])
    func `that cannot be used are reported by name, and never shown`(name: String, value: String) {
        let found = policy([name: value]).misconfigurations.filter { $0.name == name }
        #expect(found.count == 1)
        for fault in found where value.count > 3 {
            #expect(!fault.problem.contains(value) && !fault.instead.contains(value))
        }
    }

    @Test func `unset mean the safe side`() {
        let policy = policy([:])
        #expect(!policy.trading.isEnabled && policy.trading.mode == .paper && !policy.trading.allowsShorts)
        #expect(policy.routing.adapter == .alpaca && policy.routing.fallback == .alpaca)
        #expect(!policy.killSwitchInEnvironment)
        #expect(policy.misconfigurations.map(\.name) == ["APCA_API_KEY_ID", "APCA_API_SECRET_KEY"])
    }

    @Test func `of the kill switch engage it when they say so or say nonsense`() {
        for (value, isEngaged) in [("true", true), ("false", false), ("", false), ("tru", true)] {
            #expect(policy(["TRADING_KILL_SWITCH_ENABLED": value]).killSwitchInEnvironment == isEngaged)
        }
    }

    @Test(arguments: ["https://a.b/v2", "https://a.b/v2/", "https://a.b/", " https://a.b "])
    func `of the address are read as the original reads them`(text: String) {
        #expect(policy(["APCA_API_BASE_URL": text]).routing.alpacaAddress?.text == "https://a.b")
    }
}
