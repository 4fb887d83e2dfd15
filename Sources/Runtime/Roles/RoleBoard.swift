public import Core
public import Domain
internal import Synchronization
internal import Telemetry

/// What each role of this process says of itself, with its last progress.
public final class RoleBoard: Sendable {
    public struct Standing: Sendable, Equatable {
        public let state: RoleState
        public let detail: String
        public let lastProgress: Timestamp?
    }

    private let standings = Mutex<[RoleName: Standing]>([:])
    private let logbook: Logbook
    private let states: Family<Gauge>
    private let progress: Family<Gauge>
    private let time: any TimeSource

    init(_ logbook: Logbook, _ registry: Registry, _ time: any TimeSource) {
        self.logbook = logbook
        self.time = time
        states = registry.gauges("torghut_role_state", "1 for the state a role is in.", by: ["role", "state"])
        progress = registry.gauges(
            "torghut_role_last_progress_seconds", "When a role last got on, in seconds since 1970.", by: ["role"])
    }

    /// A role that nobody asked to run is disabled.
    public subscript(role: RoleName) -> Standing {
        standings.withLock { $0[role] } ?? Standing(state: .disabled, detail: "", lastProgress: nil)
    }

    /// Says how a role is; a change of state is a line in the program's log.
    public func set(_ role: RoleName, _ state: RoleState, _ detail: String = "") {
        let before = standings.withLock { standings in
            let before = standings[role]
            standings[role] = Standing(state: state, detail: detail, lastProgress: before?.lastProgress)
            return before
        }
        if let old = before?.state, old != state { states.labelled(role.rawValue, old.rawValue).set(0) }
        states.labelled(role.rawValue, state.rawValue).set(1)
        guard before?.state != state || before?.detail != detail else { return }
        logbook.write(
            state == .degraded || state == .unknown ? .warning : .info, "role_state",
            ["role": .text(role.rawValue), "state": .text(state.rawValue), "detail": .text(detail)])
    }

    public func progressed(_ role: RoleName) {
        let now = time.now()
        standings.withLock { standings in
            let before = standings[role]
            standings[role] = Standing(
                state: before?.state ?? .unknown, detail: before?.detail ?? "", lastProgress: now)
        }
        progress.labelled(role.rawValue).set(Double(now.nanoseconds / 1_000_000) / 1_000)
    }
}
