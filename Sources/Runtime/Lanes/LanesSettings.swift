internal import Core
internal import Domain
internal import Lanes

/// What the settings say of LEAN's lanes; a wrong one is a reason not to start, and all of them are named at once.
struct LanesSettings: Sendable {
    let runner: LaneRunnerSettings?
    let isForeign: Bool
    let runsShadow: Bool
    let runsStrategyShadow: Bool
    let shadow: ShadowPolicy
    let promotion: PromotionPolicy
    let limits: LaneLimits
    let quoteMaximumAge: Duration
    let readsTape: Bool

    init(_ settings: Settings) throws(SettingsProblems) {
        var reading = LanesReading(settings)
        let routing = settings.policy.policy.routing
        // The switch of the original turns every lane off at once.
        let isOff = routing.isLaneDisabled
        runsShadow = !isOff && reading.flag("TRADING_LEAN_SHADOW_EXECUTION_ENABLED", false)
        runsStrategyShadow = !isOff && reading.flag("TRADING_LEAN_STRATEGY_SHADOW_ENABLED", false)
        isForeign = reading.flag("TRADING_LEAN_RUNNER_FOREIGN", false)
        readsTape = reading.flag("TRADING_LEAN_SHADOW_QUOTES_ENABLED", true)
        quoteMaximumAge = .milliseconds(
            reading.number("TRADING_LEAN_SHADOW_QUOTE_MAX_AGE_MS", 15_000, in: 1...3_600_000))
        var limits = LaneLimits()
        limits.queue = Int(reading.number("TRADING_LEAN_SHADOW_QUEUE", 10_000, in: 1...1_000_000))
        limits.concurrency = Int(reading.number("TRADING_LEAN_SHADOW_CONCURRENCY", 4, in: 1...64))
        limits.callTimeout = .milliseconds(reading.number("TRADING_LEAN_SHADOW_TIMEOUT_MS", 5_000, in: 10...300_000))
        limits.deadline = .milliseconds(reading.number("TRADING_LEAN_SHADOW_DEADLINE_MS", 30_000, in: 10...3_600_000))
        limits.tries = Int(reading.number("TRADING_LEAN_SHADOW_TRIES", 3, in: 1...100))
        self.limits = limits
        var shadow = ShadowPolicy()
        shadow.parityLimitBps = reading.amount("TRADING_LEAN_SHADOW_PARITY_LIMIT_BPS", 3, in: .zero...10_000)
        shadow.minimumFill = reading.amount(
            "TRADING_LEAN_SHADOW_MINIMUM_FILL", shadow.minimumFill, in: .zero...Amount.one)
        shadow.horizon = .seconds(
            reading.number("TRADING_LEAN_SHADOW_PARITY_HORIZON_SECONDS", 900, in: 1...864_000))
        shadow.maximumAge = .seconds(reading.number("TRADING_LEAN_SHADOW_MAX_AGE_SECONDS", 86_400, in: 1...864_000))
        shadow.memory = max(shadow.memory, shadow.horizon * 2)
        self.shadow = shadow
        var promotion = PromotionPolicy()
        promotion.minimumEvaluations = reading.number(
            "TRADING_LEAN_STRATEGY_SHADOW_MIN_EVALUATIONS", promotion.minimumEvaluations, in: 1...1_000_000)
        promotion.parityMinimum = reading.amount(
            "TRADING_LEAN_STRATEGY_SHADOW_PARITY_MIN", promotion.parityMinimum, in: .zero...Amount.one)
        promotion.governanceMinimum = reading.amount(
            "TRADING_LEAN_STRATEGY_SHADOW_GOVERNANCE_MIN", promotion.governanceMinimum, in: .zero...Amount.one)
        promotion.minimumFills = reading.number(
            "TRADING_LEAN_STRATEGY_SHADOW_MIN_FILLS", promotion.minimumFills, in: 0...1_000_000)
        promotion.maximumAge = shadow.maximumAge
        self.promotion = promotion
        if let address = routing.runnerAddress {
            var runner = settings.laneRunner(address.text)
            runner.concurrency = limits.concurrency
            runner.wait(atMost: limits.callTimeout)
            self.runner = runner
        } else {
            runner = nil
            if runsShadow || runsStrategyShadow {
                reading.problems.append("TRADING_LEAN_RUNNER_URL is not set, and the lanes ask the runner there")
            }
        }
        try reading.check()
    }
}

/// Reads settings of lanes.
private struct LanesReading {
    private let settings: Settings
    var problems: [String] = []

    init(_ settings: Settings) { self.settings = settings }

    mutating func flag(_ name: String, _ unset: Bool) -> Bool {
        switch settings.value(of: name)?.lowercased() {
        case nil: return unset
        case "false", "0", "no", "off", "n", "f": return false
        case "true", "1", "yes", "on", "y", "t": return true
        default:
            problems.append("\(name) is neither true nor false")
            return unset
        }
    }

    mutating func number(_ name: String, _ unset: Int64, in range: ClosedRange<Int64>) -> Int64 {
        guard let text = settings.value(of: name) else { return unset }
        guard let number = Int64(text), range.contains(number) else {
            problems.append("\(name) is no whole number from \(range.lowerBound) to \(range.upperBound)")
            return unset
        }
        return number
    }

    mutating func amount(_ name: String, _ unset: Amount, in range: ClosedRange<Amount>) -> Amount {
        guard let text = settings.value(of: name) else { return unset }
        let amount: Amount?
        do { amount = try Amount(text) } catch { amount = nil }
        if let amount, range.contains(amount) { return amount }
        problems.append("\(name) is no decimal from \(range.lowerBound) to \(range.upperBound)")
        return unset
    }

    func check() throws(SettingsProblems) {
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
    }
}
