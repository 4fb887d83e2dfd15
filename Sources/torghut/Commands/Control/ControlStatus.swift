import Commands
import Core
import Domain
import Folding
import Runtime
import Threading

/// What is in force, and whether orders may leave.
enum ControlStatus {
    static let wait: Duration = .seconds(10)

    static let command = Command(
        "control status", "is the kill switch engaged, by what, and what else is in force",
        details: """
            Looks at the latch, at this command's own environment and at the log. What cannot be looked at counts as \
            engaged. Lanes, reviews, exceptions and breakers are listed; the answer is about the kill switch and the \
            emergency stop alone.
            """,
        answerNo: "engaged, or it is not certain that it is not: orders may not leave"
    ) { invocation in
        let settings = try invocation.settings()
        let latch = KillLatch(dataFolder: settings.dataFolder)
        var listing = Listing("what", "name", "state", "since", "by", "reason")
        var isSafe = true
        if latch.isEngaged {
            isSafe = false
            add(latch, to: &listing)
        }
        if settings.policy.policy.killSwitchInEnvironment {
            isSafe = false
            listing.add(
                .text("kill_switch"), .text("environment"), .text("engaged"), .none, .none,
                .text("TRADING_KILL_SWITCH_ENABLED"))
        }
        switch await view(settings) {
        case .success(let view):
            isSafe = isSafe && !view.state.kill.isEngaged && !view.state.stop.isLatched && view.unreadable.isEmpty
            add(view, to: &listing)
        case .failure(let error):
            isSafe = false
            listing.add(.text("log"), .text("control"), .text("unknown"), .none, .none, .text(error.description))
        }
        try listing.print(json: invocation.json)
        if !invocation.json {
            try StandardOutput().line(isSafe ? "ok: orders may leave" : "no: orders may not leave")
        }
        return isSafe ? .ok : .no
    }

    private static func view(_ settings: Settings) async -> Result<ControlView, Unrecorded> {
        await FirstAnswer.of(wait) {
            do {
                return .success(
                    try await OpenedLog.using(settings, to: .read) { try await ControlView.read($0.log) })
            } catch { return .failure(Unrecorded(description: "\(error)")) }
        } ?? .failure(Unrecorded(description: "the log did not answer within \(wait)"))
    }

    private static func add(_ latch: KillLatch, to listing: inout Listing) {
        var notes: [KillNote] = []
        var fault = "the data folder cannot be looked into"
        do throws(KillLatchError) { notes = try latch.look()?.notes ?? [] } catch { fault = error.description }
        for note in notes {
            listing.add(
                .text("kill_switch"), .text("latch"), .text("engaged"), .text("\(note.engagedAt)"),
                .text(note.actor.text), .text(note.reason.text))
        }
        if notes.isEmpty {
            listing.add(.text("kill_switch"), .text("latch"), .text("engaged"), .none, .none, .text(fault))
        }
    }

    private static func add(_ view: ControlView, to listing: inout Listing) {
        let (state, now) = (view.state, SystemTime().now())
        listing.add(
            .text("kill_switch"), .text("log"), .text(state.kill.isEngaged ? "engaged" : "released"),
            .optional(state.kill.engagedAt.map { "\($0)" }), .optional(state.kill.engagedBy.map { "\($0)" }),
            .optional(state.kill.reason?.text ?? (state.kill.isEngaged ? "as delivered: nobody released it yet" : nil)))
        for latch in state.stop.latches {
            listing.add(
                .text("emergency_stop"), .text("log"), .text("latched"), .text("\(latch.latchedAt)"),
                .text("\(latch.latchedBy)"), .optional(latch.reasons.first?.text))
        }
        for lane in state.lanes.rows {
            listing.add(
                .text("lane"), .text(lane.lane.rawValue), .text(lane.mode == .dryRun ? "dry_run" : "disabled"), .none,
                .text("\(lane.changedBy)"), .optional(lane.incidentKey?.text))
        }
        for review in state.reviews.rows {
            listing.add(
                .text("review"), .text(review.symbol.text), .text("open"), .none, .text("\(review.openedBy)"), .none)
        }
        for granted in state.overrides where granted.expiresAt > now {
            listing.add(
                .text("override"), .text("\(granted.intentID)"), .text(granted.kind.rawValue),
                .text("until \(granted.expiresAt)"), .text(granted.actor.text), .text(granted.reason.text))
        }
        for row in state.adapters.rows {
            listing.add(
                .text("adapter"), .text(row.adapter.rawValue),
                .text("breaker \(row.breaker.rawValue), health \(row.health?.rawValue ?? "not known")"),
                .optional(row.breakerJudgedAt.map { "\($0)" }), .none, .none)
        }
        for fault in view.unreadable {
            listing.add(
                .text("unreadable"), .text(fault.position.description), .text("holds"), .none, .none,
                .text(fault.why))
        }
    }
}
