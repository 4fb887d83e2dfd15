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
        let (said, after) = try await OpenedLog.using(try invocation.settings(), to: .append) { opened in
            let view = try await ControlView.read(opened.log)
            if let fault = view.unreadable.first { throw UnclearControl(fault) }
            guard let last = view.state.stop.latches.last else { return (RecordPosition?.none, view) }
            let cleared = EmergencyStopCleared(order: word.order(.global), latchedEventID: last.latchedBy)
            let said = try await OperatorWord.desk(opened.log).say([ControlDesk.Word(.emergencyStopCleared(cleared))])
            return (said.first, try await ControlView.read(opened.log))
        }
        if let latch = after.state.stop.latches.last {
            let reason = latch.reasons.first?.text ?? "no reason given"
            try OperatorWord.print(said, "NOT CLEARED: latched again meanwhile: \(reason)", json: invocation.json)
            return .no
        }
        try OperatorWord.print(
            said, said == nil ? "no emergency stop is latched" : "the emergency stop is cleared", json: invocation.json)
        return .ok
    }
}
