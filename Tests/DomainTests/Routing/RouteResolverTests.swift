import Core
import Domain
import Testing

@Suite struct `Resolving a route` {
    static let lean = [
        "TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "all",
        "TRADING_LEAN_RUNNER_URL": "http://runner:8080/",
    ]
    static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

    struct Case: Sendable {
        var settings: [String: String?] = [:]
        var symbol = "AAPL"
        var hint: Adapter?
        let adapter: Adapter
        let reason: RouteReason
    }

    @Test(arguments: [
        Case(adapter: .lean, reason: .policyAll),
        Case(settings: ["TRADING_EXECUTION_ADAPTER": nil], adapter: .alpaca, reason: .adapterAlpaca),
        Case(settings: ["TRADING_EXECUTION_ADAPTER": "laen"], adapter: .alpaca, reason: .adapterMisconfigured),
        Case(settings: ["TRADING_EXECUTION_ADAPTER": "simulation"], adapter: .simulation, reason: .adapterSimulation),
        Case(settings: ["TRADING_EXECUTION_ADAPTER_POLICY": nil], adapter: .alpaca, reason: .allowlistEmpty),
        Case(
            settings: ["TRADING_EXECUTION_ADAPTER_POLICY": "allowlist", "TRADING_EXECUTION_ADAPTER_SYMBOLS": " , "],
            adapter: .alpaca, reason: .allowlistEmpty),
        Case(
            settings: ["TRADING_EXECUTION_ADAPTER_POLICY": "allowlist", "TRADING_EXECUTION_ADAPTER_SYMBOLS": "aapl"],
            adapter: .lean, reason: .symbolAllowlisted),
        Case(
            settings: ["TRADING_EXECUTION_ADAPTER_POLICY": "allowlist", "TRADING_EXECUTION_ADAPTER_SYMBOLS": "MSFT"],
            adapter: .alpaca, reason: .symbolNotAllowlisted),
        Case(settings: ["TRADING_EXECUTION_ADAPTER_POLICY": "al"], adapter: .alpaca, reason: .adapterMisconfigured),
        Case(settings: ["TRADING_LEAN_RUNNER_URL": nil], adapter: .alpaca, reason: .runnerUrlMissing),
        Case(settings: ["TRADING_LEAN_RUNNER_URL": "ftp://runner"], adapter: .alpaca, reason: .runnerUrlMissing),
        Case(settings: ["TRADING_LEAN_LANE_DISABLE_SWITCH": "true"], adapter: .alpaca, reason: .laneDisabled),
        Case(settings: ["TRADING_LEAN_LANE_DISABLE_SWITCH": "maybe"], adapter: .alpaca, reason: .laneDisabled),
        Case(
            settings: ["TRADING_MODE": "live", "TRADING_EXECUTION_FALLBACK_ADAPTER": "none"], adapter: .alpaca,
            reason: .fallbackMisconfigured),
        Case(
            settings: ["TRADING_MODE": "live", "TRADING_LEAN_LIVE_CANARY_ENABLED": "true"], adapter: .alpaca,
            reason: .canaryScope),
        Case(
            settings: ["TRADING_MODE": "live", "TRADING_LEAN_LIVE_CANARY_ENABLED": "true"], symbol: "BTCUSD",
            adapter: .alpaca, reason: .canaryScope),
        Case(
            settings: ["TRADING_MODE": "live", "TRADING_LEAN_LIVE_CANARY_ENABLED": "true"], symbol: "BTC/USD",
            adapter: .lean, reason: .policyAll),
        Case(
            settings: [
                "TRADING_MODE": "live", "TRADING_LEAN_LIVE_CANARY_ENABLED": "true",
                "TRADING_LEAN_LIVE_CANARY_SYMBOLS": "ETH/USD",
            ], symbol: "BTC/USD", adapter: .alpaca, reason: .canaryScope),
        Case(hint: .alpaca, adapter: .alpaca, reason: .adapterHint),
        Case(
            settings: ["TRADING_EXECUTION_ADAPTER_POLICY": "allowlist", "TRADING_EXECUTION_ADAPTER_SYMBOLS": "MSFT"],
            hint: .lean, adapter: .alpaca, reason: .symbolNotAllowlisted),
    ])
    func `is LEAN only where everything says so`(aCase: Case) {
        var settings = Self.lean
        for (name, value) in aCase.settings { settings[name] = value }
        let given = settings
        let policy = Policy(settings: { given[$0] })
        #expect(
            RouteResolver.resolve(
                Symbol(trusted: aCase.symbol), hint: aCase.hint, policy: policy.routing, control: Self.healthy(),
                at: Self.now) == RouteChoice(aCase.adapter, aCase.reason))
        // What is misconfigured is said.
        let silent: Set<RouteReason> = [
            .policyAll, .adapterAlpaca, .adapterSimulation, .symbolAllowlisted, .symbolNotAllowlisted, .canaryScope,
            .adapterHint, .laneDisabled,
        ]
        let told = policy.misconfigurations.contains {
            !$0.name.hasPrefix("APCA") && !$0.name.hasPrefix("TRADING_LIVE")
        }
        if !silent.contains(aCase.reason) { #expect(told) }
    }

    static func healthy(_ health: HealthState = .healthy, at moment: Timestamp = now) -> ControlState {
        var control = ControlState()
        fold(
            .runnerHealthObserved(
                RunnerHealthObserved(
                    order: TradingDay.order(.adapter(.lean)), address: Address(trusted: "http://runner"),
                    health: health, observedAt: moment)), into: &control)
        return control
    }

    static func fold(_ event: Control, into control: inout ControlState, id: UInt64 = 1, at moment: Timestamp = now) {
        let envelope = Envelope(
            eventID: EventID(high: 5, low: id), eventTime: moment, ingestTime: moment,
            source: SourceName(trusted: "test"), correlation: StoryID(high: 1, low: id))
        control.fold(event, envelope, at: Int64(id))
    }

    private func resolve(_ control: ControlState) -> RouteChoice {
        let policy = Policy(settings: { Self.lean[$0] })
        return RouteResolver.resolve(
            Symbol(trusted: "AAPL"), policy: policy.routing, control: control, at: Self.now)
    }

    @Test func `leaves LEAN while its runner is sick, silent or never asked`() {
        #expect(resolve(ControlState()).reason == .runnerUnhealthy)
        #expect(resolve(Self.healthy(.unhealthy)).reason == .runnerUnhealthy)
        #expect(resolve(Self.healthy(at: Self.now.advanced(by: .seconds(-16)) ?? .latest)).reason == .runnerUnhealthy)
        #expect(resolve(Self.healthy(at: Self.now.advanced(by: .seconds(-15)) ?? .latest)).adapter == .lean)
    }

    @Test func `follows the lane at once, without a restart`() {
        var control = Self.healthy()
        let order = TradingDay.order(.lane(.execution))
        Self.fold(.laneDisabled(LaneDisabled(order: order, lane: .execution)), into: &control, id: 2)
        #expect(resolve(control) == RouteChoice(.alpaca, .laneDisabled))
        Self.fold(.laneEnabled(LaneEnabled(order: order, lane: .execution)), into: &control, id: 3)
        #expect(resolve(control) == RouteChoice(.lean, .policyAll))
    }

    @Test func `reads every setting once, and hashes what is in force`() {
        let one = Policy(settings: { Self.lean[$0] })
        let two = Policy(settings: { Self.lean[$0]?.uppercased().lowercased() })
        #expect(one == two && one.canonicalText == two.canonicalText)
        let other = Self.lean.merging(
            ["TRADING_COOLDOWN_SECONDS": "1", "APCA_API_SECRET_KEY": "hush"], uniquingKeysWith: { $1 })
        let changed = Policy(settings: { other[$0] })
        #expect(changed.canonicalText != one.canonicalText)
        // Nothing secret is in what is hashed and shown.
        let text = String(decoding: changed.canonicalText, as: UTF8.self)
        #expect(!text.contains("hush"))
    }
}
