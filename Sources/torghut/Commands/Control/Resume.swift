import Commands
import Core
import Domain
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
        let (said, outcome) = try await OpenedLog.using(settings, to: .append) { opened in
            try await StopDesk.resume(
                opened.log, latch, by: word.actor, for: word.reason, through: try OperatorWord.desk(opened.log))
        }
        switch outcome {
        case .engagedAgain(let reason):
            try OperatorWord.print(said.last, "NOT RELEASED: engaged again meanwhile: \(reason)", json: invocation.json)
            return .no
        case .latchedAgain(let path):
            try OperatorWord.print(
                said.last, "NOT RELEASED HERE: \(path) was engaged again meanwhile", json: invocation.json)
            return .no
        case .released: try OperatorWord.print(said.last, "released", json: invocation.json)
        case .wasNotEngaged:
            try OperatorWord.print(said.last, "the kill switch was not engaged", json: invocation.json)
        }
        if settings.policy.policy.killSwitchInEnvironment {
            StandardError.line("TRADING_KILL_SWITCH_ENABLED is set here; a process with it stays stopped")
        }
        return .ok
    }
}
