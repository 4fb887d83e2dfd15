internal import Core
internal import Domain
internal import Folding
internal import Lanes
internal import Telemetry

/// The lane of backtests: what is asked for on the log is done by the runner.
struct BacktestPart: LanePart {
    static let group = "torghut-lanes-backtests"

    let name = "backtests"
    private let house: House
    private let settings: BacktestPartSettings
    private let watch: BacktestWatch

    /// `nil` when nobody asked for it.
    init?(_ house: House) throws(SettingsProblems) {
        settings = try BacktestPartSettings(house.settings)
        guard settings.isEnabled else { return nil }
        self.house = house
        watch = BacktestWatch(house, part: name)
    }

    func run() async throws {
        let owner = SoleOwner(
            house: house, role: LanesRole.name, part: name, group: Self.group,
            standingBy: "another process has backtests done")
        try await owner.work {
            house.board.set(LanesRole.name, part: name, .leaderStarting, "reading the log")
            var context = BacktestContext(
                log: house.log, runner: settings.runner.map { LaneRunner($0) }, time: house.time, observer: watch)
            context.limits = settings.limits
            try await BacktestLane(context).run()
        }
    }
}

/// What the settings say of the lane.
struct BacktestPartSettings: Sendable {
    let isEnabled: Bool
    let runner: LaneRunnerSettings?
    let limits: BacktestLimits

    init(_ settings: Settings) throws(SettingsProblems) {
        var problems: [String] = []
        let routing = settings.policy.policy.routing
        switch settings.value(of: "TRADING_LEAN_BACKTEST_ENABLED")?.lowercased() {
        case nil, "", "false", "0", "no", "off": isEnabled = false
        // The switch of the original turns every lane off at once.
        case "true", "1", "yes", "on": isEnabled = !routing.isLaneDisabled
        default:
            isEnabled = false
            problems.append("TRADING_LEAN_BACKTEST_ENABLED is neither true nor false")
        }
        func number(_ name: String, _ unset: Int64, in range: ClosedRange<Int64>) -> Int64 {
            guard let text = settings.value(of: name) else { return unset }
            guard let number = Int64(text), range.contains(number) else {
                problems.append("\(name) is no whole number from \(range.lowerBound) to \(range.upperBound)")
                return unset
            }
            return number
        }
        var limits = BacktestLimits()
        limits.poll = .milliseconds(number("TRADING_LEAN_BACKTEST_POLL_MS", 1_000, in: 10...600_000))
        limits.timeout = .seconds(number("TRADING_LEAN_BACKTEST_TIMEOUT_SECONDS", 7_200, in: 1...864_000))
        limits.concurrency = Int(number("TRADING_LEAN_BACKTEST_CONCURRENCY", 16, in: 1...1_000))
        self.limits = limits
        runner = routing.runnerAddress.map { settings.laneRunner($0.text) }
        if isEnabled, runner == nil {
            problems.append("TRADING_LEAN_RUNNER_URL is not set, and backtests are done there")
        }
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
    }
}

/// Hears what the lane does: counts it, writes it down, says how the part is.
final class BacktestWatch: BacktestObserver {
    private let house: House
    private let part: String
    private let metrics: BacktestMetrics
    private let control: ControlPlaneMetrics

    init(_ house: House, part: String) {
        self.house = house
        self.part = part
        metrics = BacktestMetrics(in: house.registry)
        control = ControlPlaneMetrics(in: house.registry)
    }

    func followed(open: Int, isLaneDisabled: Bool) {
        metrics.open.set(Double(open))
        control.waits(open, in: .laneBacktests)
        house.board.set(LanesRole.name, part: part, .running, isLaneDisabled ? "the lane is disabled" : "")
        house.board.progressed(LanesRole.name)
    }

    func noted(_ note: BacktestNote) {
        switch note {
        case .ready(let runs, let open):
            house.logbook.info("backtests_ready", ["runs": .integer(runs), "open": .integer(open)])
        case .ended(let status, let failure):
            metrics.ended.labelled(status).increment()
            control.ended("backtest", status)
            house.logbook.info(
                "backtest_ended", ["status": .text(status), "failure": .text(failure ?? "none")])
        case .silent(let reason):
            metrics.silent.increment()
            house.logbook.warning("backtest_call_failed", ["why": .text(reason)])
        case .unreadable(let unreadable):
            house.logbook.error(
                "record_unreadable",
                ["record": .text(unreadable.position.description), "why": .text(unreadable.why)])
        case .retrying(let error):
            house.board.failed(LanesRole.name, error)
            house.logbook.warning("lane_retrying", ["lane": .text(part), "why": .failure(error)])
            house.board.set(LanesRole.name, part: part, .degraded, error.description)
        case .fenced: house.logbook.error("lane_fenced", ["lane": .text(part)])
        }
    }
}

/// What the lane of backtests measures of itself.
struct BacktestMetrics {
    let ended: Family<Counter>
    let open: Gauge
    let silent: Counter

    init(in registry: Registry) {
        ended = registry.counters(
            "torghut_trading_lean_backtest_total", "Backtests that ended, by how.", by: ["status"])
        open = registry.gauge("torghut_trading_lean_backtest_open", "Backtests without an end.")
        silent = registry.counter(
            "torghut_trading_lean_backtest_failed_calls_total", "Questions about a run that the runner did not answer.")
    }
}
