public import Commands
public import Core
public import Domain
internal import Folding

/// Ends a stop, for whoever may: the command line and the API do the same.
public enum StopDesk {
    /// What became of it.
    public enum Outcome: Sendable, Equatable {
        case released
        case wasNotEngaged
        /// Another stop came meanwhile, and holds.
        case engagedAgain(String)
        /// Another latch file came meanwhile, and holds.
        case latchedAgain(String)
    }

    /// Reads latch and log to their ends, releases every stop that was seen by its name, and removes the latch that
    /// was seen.
    public static func resume(
        _ log: any EventLog, _ latch: KillLatch, by actor: ActorName, for reason: Prose, through desk: ControlDesk
    ) async throws -> (said: [RecordPosition], outcome: Outcome) {
        let seen = try latch.look()
        let view = try await ControlView.read(log)
        if let fault = view.unreadable.first { throw UnclearControl(fault) }
        let words = StopRelease.words(view, latch: seen?.notes ?? [], by: actor, for: reason)
        var said: [RecordPosition] = []
        var after = view
        if !words.isEmpty {
            said = try await desk.say(words)
            after = try await ControlView.read(log)
        }
        if after.state.kill.isEngaged {
            return (said, .engagedAgain(after.state.kill.reason?.text ?? "nobody released it"))
        }
        if let seen, try !latch.release(seen) { return (said, .latchedAgain(latch.path)) }
        return (said, seen != nil || !said.isEmpty ? .released : .wasNotEngaged)
    }

    /// What a latch that a person made gives as its reason; his own words stand beside it in the event.
    static let operatorCode = Code(trusted: "operator_stop")

    /// Latches the emergency stop by hand: no new intents, and open orders are cancelled, until somebody clears it.
    public static func latchEmergency(
        by actor: ActorName, for reason: Prose, at now: Timestamp, through desk: ControlDesk
    ) async throws(LogError) -> RecordPosition? {
        let order = ControlOrder(scope: .global, actor: actor, reason: reason)
        let latched = EmergencyStopLatched(
            order: order, stopReasons: [operatorCode], latchedAt: now, recoverable: false, evidenceAt: now)
        return try await desk.say([ControlDesk.Word(.emergencyStopLatched(latched))]).first
    }

    /// Clears the emergency stop by the name of the last latch; a later one has another name and stays.
    public static func clearEmergency(
        _ log: any EventLog, by actor: ActorName, for reason: Prose, through desk: ControlDesk
    ) async throws -> (said: RecordPosition?, outcome: Outcome) {
        let view = try await ControlView.read(log)
        if let fault = view.unreadable.first { throw UnclearControl(fault) }
        guard let last = view.state.stop.latches.last else { return (nil, .wasNotEngaged) }
        let order = ControlOrder(scope: .global, actor: actor, reason: reason)
        let cleared = EmergencyStopCleared(order: order, latchedEventID: last.latchedBy)
        let said = try await desk.say([ControlDesk.Word(.emergencyStopCleared(cleared))])
        let after = try await ControlView.read(log)
        if let latch = after.state.stop.latches.last {
            return (said.first, .engagedAgain(latch.reasons.first?.text ?? "no reason given"))
        }
        return (said.first, .released)
    }
}

/// A record of control.v1 cannot be read: it may be a stop, so nothing is released before somebody has looked at it.
public struct UnclearControl: Error, CustomStringConvertible {
    public let description: String

    init(_ fault: Unreadable) { description = "\(fault); decide on that record first, see 'torghut quarantine'" }
}
