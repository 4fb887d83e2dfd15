import Commands
import Domain

/// The runner's own look at the kill switch: its latch file, the product's, and its environment.
struct StopSwitch: Sendable {
    private let latches: [KillLatch]
    private let byEnvironment: Bool

    init(_ settings: RunnerSettings) {
        latches = ([settings.dataFolder] + [settings.latchFolder].compactMap { $0 }).map(KillLatch.init(dataFolder:))
        byEnvironment = settings.isKilledByEnvironment
    }

    /// Cheap enough to be asked before every order; what cannot be looked at counts as engaged.
    var isEngaged: Bool { byEnvironment || latches.contains(where: \.isEngaged) }

    /// What engages it, for people.
    var sources: [String] {
        (byEnvironment ? ["TRADING_KILL_SWITCH_ENABLED"] : []) + latches.filter(\.isEngaged).map(\.path)
    }
}
