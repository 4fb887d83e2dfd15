import Commands
import Core
import Domain
import Folding
import Runtime

/// Lets orders leave again, by naming the stop that ends.
enum Resume {
    static let command = Command(
        "resume", "end the stop, and let orders leave again",
        details: """
            Reads the latch file and the log to its end, records a stop that the log does not know yet, releases the \
            last engagement by its name, and removes the latch that it read. A stop that is engaged meanwhile stays. \
            Without the log nothing is released. An emergency stop, a disabled lane, a review and \
            TRADING_KILL_SWITCH_ENABLED in the environment of a process are not touched.

            --emergency clears the emergency stop instead, and leaves the kill switch as it is. Latches that stand on \
            the log when it is read are cleared by the name of the last; one that is closed meanwhile holds.
            """,
        options: OperatorWord.options + [.switched("emergency", "clear the emergency stop, not the kill switch")],
        answerNo: "a stop came meanwhile; it holds"
    ) { invocation in
        let word = try OperatorWord(invocation)
        if invocation.has("emergency") { return try await EmergencyClearing(invocation, word).run() }
        let settings = try invocation.settings()
        let latch = KillLatch(dataFolder: settings.dataFolder)
        let seen = try latch.look()
        let (said, after) = try await OpenedLog.using(settings, to: .append) { opened in
            let view = try await ControlView.read(opened.log)
            if let fault = view.unreadable.first { throw UnclearControl(fault) }
            let words = StopRelease.words(view, latch: seen?.notes ?? [], by: word.actor, for: word.reason)
            guard !words.isEmpty else { return ([RecordPosition](), view) }
            let said = try await OperatorWord.desk(opened.log).say(words)
            return (said, try await ControlView.read(opened.log))
        }
        if after.state.kill.isEngaged {
            let reason = after.state.kill.reason?.text ?? "nobody released it"
            try OperatorWord.print(said.last, "NOT RELEASED: engaged again meanwhile: \(reason)", json: invocation.json)
            return .no
        }
        if let seen, try !latch.release(seen) {
            try OperatorWord.print(
                said.last, "NOT RELEASED HERE: \(latch.path) was engaged again meanwhile", json: invocation.json)
            return .no
        }
        let wasEngaged = seen != nil || !said.isEmpty
        try OperatorWord.print(
            said.last, wasEngaged ? "released" : "the kill switch was not engaged", json: invocation.json)
        if settings.policy.policy.killSwitchInEnvironment {
            StandardError.line("TRADING_KILL_SWITCH_ENABLED is set here; a process with it stays stopped")
        }
        return .ok
    }
}

/// A record of control.v1 cannot be read: it may be a stop, so nothing is released before somebody has looked at it.
struct UnclearControl: Error, CustomStringConvertible {
    let description: String

    init(_ fault: Unreadable) { description = "\(fault); decide on that record first, see 'torghut quarantine'" }
}
