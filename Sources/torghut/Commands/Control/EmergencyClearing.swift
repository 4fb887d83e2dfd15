import Commands
import Core
import Domain
import Runtime

/// A person has looked at what a gate latched, and lets new orders be made again.
struct EmergencyClearing {
    private let invocation: Invocation
    private let word: OperatorWord

    init(_ invocation: Invocation, _ word: OperatorWord) {
        self.invocation = invocation
        self.word = word
    }

    /// Clears what was latched when it looked, by the name of the last latch; a later one has another name and stays.
    func run() async throws -> ExitCode {
        let (said, outcome) = try await OpenedLog.using(try invocation.settings(), to: .append) { opened in
            try await StopDesk.clearEmergency(
                opened.log, by: word.actor, for: word.reason, through: try OperatorWord.desk(opened.log))
        }
        switch outcome {
        case .engagedAgain(let reason), .latchedAgain(let reason):
            try OperatorWord.print(said, "NOT CLEARED: latched again meanwhile: \(reason)", json: invocation.json)
            return .no
        case .wasNotEngaged: try OperatorWord.print(said, "no emergency stop is latched", json: invocation.json)
        case .released: try OperatorWord.print(said, "the emergency stop is cleared", json: invocation.json)
        }
        return .ok
    }
}
