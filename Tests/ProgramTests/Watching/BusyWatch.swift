import Foundation
import HTTPClient
import TestSupport
import Testing

/// A Prometheus beside the busy system, with the rules and the dashboards of `deploy`.
struct BusyWatch {
    private let prometheus: WatchingPrometheus
    private let database: String
    private let api: String

    init(_ roles: RunningRoles, runner: String, database: String) async throws {
        self.database = database
        var line: Substring?
        try await eventually("a listening API") {
            line = try roles.text().split(separator: "\n").last { $0.contains("\"api_listening\"") }
            return line != nil
        }
        let port = try fields(String(line ?? "{}"))["port"] as? Int
        api = "http://127.0.0.1:\(try #require(port))"
        prometheus = try await WatchingPrometheus([("torghut", roles.address), ("lean-runner", runner)])
        try await ask()
        try await prometheus.eventuallyHas("the first scrape", "torghut_system_well")
    }

    /// Somebody uses the API, and somebody without a token.
    private func ask() async throws {
        let pool = HTTPPool(lanes: 1, limits: HTTPLimits())
        for path in ["/openapi.json", "/trading/control/state"] {
            _ = try await pool.exchange(HTTPRequest(.get, api + path)).result.get()
        }
    }

    /// What is well fires nothing, and nothing is about to.
    func judgeCalm() async throws {
        try await ask()
        // A scrape that came late is about to be an alert: for a moment, and of a budget for longer than this lasts.
        // Whether decisions come is the market's affair.
        let others = "ALERTS{alertname!~\"TorghutDecisionsStalled|TorghutMetricsBudget.*\"}"
        var left: [String] = []
        try await eventually("calm", within: .seconds(50), or: { "\(left)" }) {
            left = try await prometheus.names(others, "alertname")
            return left.isEmpty
        }
        let fired = try await prometheus.names("max_over_time(ALERTS{alertstate=\"firing\"}[10m])", "alertname")
        #expect(fired.isEmpty, "\(fired)")
        let broken = try await Watcher.judge("prometheus/judge.py", "healthy", prometheus.address)
        #expect(broken.status == 0, "\(broken.output)\(broken.errors)")
        try await record("record")
    }

    /// After the canary's breach: LEAN's runner is dead, the emergency stop is latched.
    func judgeBreach() async throws {
        try await ask()
        try await prometheus.eventuallyHas(
            "the page", "ALERTS{alertname=\"TorghutEmergencyStopLatched\",alertstate=\"firing\"}")
        try await prometheus.eventuallyHas(
            "the runner's silence", "ALERTS{alertname=\"TorghutTargetDown\",job=\"lean-runner\"}")
        let opened = try await prometheus.names("torghut_trading_lean_canary_breach_total > 0", "breach_type")
        #expect(opened == ["fallback_ratio_exceeded"])
    }

    /// Every name of a rule was scraped, and every query of a dashboard has its data.
    func judgeFiles() async throws {
        let names = try await Watcher.judge("prometheus/judge.py", "names", prometheus.address)
        #expect(names.status == 0, "\(names.output)\(names.errors)")
        let start = ContinuousClock.now
        let asked = try await Watcher.judge("grafana/ask.py", prometheus.address, database)
        print("\(asked.output)asked in \(ContinuousClock.now - start)")
        #expect(asked.status == 0, "\(asked.output)\(asked.errors)")
        try await record("more")
    }

    /// For whoever wants the recording anew.
    private func record(_ word: String) async throws {
        guard let place = ProcessInfo.processInfo.environment["TORGHUT_RECORDING"] else { return }
        let recorded = try await Watcher.judge("prometheus/judge.py", word, prometheus.address, place)
        print(recorded.output + recorded.errors)
    }
}
