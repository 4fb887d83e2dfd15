internal import Adapters
internal import Core
internal import HTTPClient
internal import Lanes

/// As whom we come to LEAN's runner, and whom we take for it: the one place that reads it.
extension Settings {
    /// A runner elsewhere has a certificate, often of an authority of the house's own.
    private var runnerTrust: HTTPTrust { HTTPTrust(authorities: value(of: "TRADING_LEAN_RUNNER_CA")) }
    private var runnerToken: Secret<String>? { value(of: "TRADING_LEAN_RUNNER_TOKEN").map { Secret($0) } }

    /// For orders.
    func leanSettings(_ address: String, contract: String?) -> LEANSettings {
        LEANSettings(address: address, token: runnerToken, trust: runnerTrust, contractVersion: contract)
    }

    /// For everything beside orders.
    func laneRunner(_ address: String) -> LaneRunnerSettings {
        var runner = LaneRunnerSettings(address: address, token: runnerToken)
        runner.trust = runnerTrust
        return runner
    }
}
