internal import Commands
internal import Core
internal import Domain

/// Whether the system is stopped, as far as one process can know; every answer that says so asks here.
///
/// What nobody has proved free, or has not lately, counts as engaged: the router sends nothing then either.
struct StopReading: Sendable, Equatable {
    let latch: Bool
    let environment: Bool
    /// What control says, as far as it was read.
    let log: Bool
    /// Control was not read to its end within the lease.
    let isStale: Bool
    /// A record of control cannot be read, and may be an order to stop.
    let isUnread: Bool

    var isEngaged: Bool { latch || environment || log || isStale || isUnread }

    /// Whether somebody said it, or nobody knows: both stop, and only one can be released.
    var word: String {
        if latch || environment || log { return "engaged" }
        return isEngaged ? "unknown" : "released"
    }

    init(
        latch: Bool, environment: Bool, log: Bool, provedAt: Timestamp?, isUnread: Bool, lease: Duration,
        at now: Timestamp
    ) {
        self.latch = latch
        self.environment = environment
        self.log = log
        isStale = provedAt.map { now.since($0) > lease } ?? true
        self.isUnread = isUnread
    }

    init(_ house: House, _ control: ControlState, provedAt: Timestamp?, isUnread: Bool) {
        let policy = house.settings.policy.policy
        self.init(
            latch: KillLatch(dataFolder: house.settings.dataFolder).isEngaged,
            environment: policy.killSwitchInEnvironment, log: control.kill.isEngaged, provedAt: provedAt,
            isUnread: isUnread, lease: policy.trading.controlLease, at: house.time.now())
    }

    init(_ house: House, _ seen: ControlSight.Seen) {
        self.init(house, seen.view.state, provedAt: seen.provedAt, isUnread: seen.isUnread)
    }
}
