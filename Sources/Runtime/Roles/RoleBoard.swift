public import Core
public import Domain
internal import Synchronization
internal import Telemetry
internal import Threading

/// What each role of this process says of itself, with its last progress.
///
/// A role with several parts is as well as the worst of them.
public final class RoleBoard: Sendable {
    public struct Standing: Sendable, Equatable {
        public let state: RoleState
        public let detail: String
        public let lastProgress: Timestamp?
    }

    private struct Entry {
        var parts: [String: (state: RoleState, detail: String)] = [:]
        var lastProgress: Timestamp?

        /// How many of its parts this process leads.
        var leads: Int {
            parts.values.count { ![.follower, .disabled, .unknown, .leaderNotStarted].contains($0.state) }
        }

        /// Every part that is not well has its say: one that is ill hides no other, and one that is off hides none.
        var standing: Standing {
            let sorted = parts.sorted { ($0.value.state.goodness, $0.key) < ($1.value.state.goodness, $1.key) }
            guard let worst = sorted.first?.value.state else {
                return Standing(state: .unknown, detail: "", lastProgress: lastProgress)
            }
            let ill = sorted.filter { $0.value.state.goodness < RoleState.running.goodness }
            let details = (ill.isEmpty ? Array(sorted.prefix(1)) : ill).map { name, said in
                [name, said.detail].filter { !$0.isEmpty }.joined(separator: ": ")
            }
            return Standing(
                state: worst, detail: details.filter { !$0.isEmpty }.joined(separator: "; "),
                lastProgress: lastProgress)
        }
    }

    private let entries = Mutex<[RoleName: Entry]>([:])
    private let reaches = Mutex<[RoleName: Reach]>([:])
    /// Woken when a role's state changes: others hear of it at once.
    let changes = Arrivals()
    private let logbook: Logbook
    private let metrics: RoleMetrics
    private let control: ControlPlaneMetrics
    private let time: any TimeSource

    init(_ logbook: Logbook, _ registry: Registry, _ time: any TimeSource) {
        self.logbook = logbook
        self.time = time
        metrics = RoleMetrics(in: registry)
        control = ControlPlaneMetrics(in: registry)
    }

    /// A role that nobody asked to run is disabled.
    public subscript(role: RoleName) -> Standing {
        entries.withLock { $0[role]?.standing } ?? Standing(state: .disabled, detail: "", lastProgress: nil)
    }

    /// How far a role has read.
    func reach(of role: RoleName) -> Reach {
        reaches.withLock { reaches in
            if let known = reaches[role] { return known }
            let reach = Reach()
            reaches[role] = reach
            return reach
        }
    }

    /// What the parts of a role say, by their names.
    public func parts(of role: RoleName) -> [String: Standing] {
        entries.withLock { entries in
            (entries[role]?.parts ?? [:]).mapValues {
                Standing(state: $0.state, detail: $0.detail, lastProgress: entries[role]?.lastProgress)
            }
        }
    }

    /// Says how a role is, or one of its parts; a change of state is a line in the program's log.
    public func set(_ role: RoleName, part: String = "", _ state: RoleState, _ detail: String = "") {
        change(role) { $0.parts[part] = (state, detail) }
    }

    private func change(_ role: RoleName, _ body: (inout Entry) -> Void) {
        let (before, after, change) = entries.withLock { entries in
            let (before, led) = (entries[role]?.standing, entries[role]?.leads ?? 0)
            var entry = entries[role] ?? Entry()
            body(&entry)
            entries[role] = entry
            return (before, entry.standing, entry.leads - led)
        }
        if change != 0 { control.leads(role.rawValue, change > 0) }
        if let old = before?.state, old != after.state { metrics.states.labelled(role.rawValue, old.rawValue).set(0) }
        metrics.states.labelled(role.rawValue, after.state.rawValue).set(1)
        if before?.state != after.state { changes.wake() }
        guard before?.state != after.state || before?.detail != after.detail else { return }
        logbook.write(
            after.state == .degraded || after.state == .unknown ? .warning : .info, "role_state",
            ["role": .text(role.rawValue), "state": .text(after.state.rawValue), "detail": .text(after.detail)])
    }

    /// The role has ended, and all its parts with it.
    func ended(_ role: RoleName) { change(role) { $0.parts = ["": (.disabled, "ended")] } }

    public func progressed(_ role: RoleName) {
        let now = time.now()
        entries.withLock { $0[role, default: Entry()].lastProgress = now }
        metrics.progressed(role, at: now)
    }

    /// Counts what a role failed for; it tries again, or ends.
    public func failed(_ role: RoleName, _ error: any Error) { metrics.failed(role, FailureCause.word(of: error)) }

    /// The same where the cause has its word already.
    func failed(_ role: RoleName, for cause: StaticString) { metrics.failed(role, "\(cause)") }

    /// How much of the log a role has before it.
    func behind(_ role: RoleName, _ places: [PartitionProgress]) { metrics.behind(role, places, at: time.now()) }
}
