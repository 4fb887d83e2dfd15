public import Core
internal import Domain
internal import Folding

extension Safety {
    /// For the log; who hangs is not waited for.
    static let patience: Duration = .seconds(30)

    /// One look, for a command; never throws, because what cannot be reached is part of the answer.
    public static func read(_ settings: Settings, time: any TimeSource) async -> Safety {
        let outcome = await FirstAnswer.of(patience) { () async -> Result<SafetyFold, Unlooked> in
            do {
                return .success(
                    try await OpenedLog.using(settings, to: .read) { opened in
                        try await fold(opened.log, settings.policy.policy.gates)
                    })
            } catch { return .failure(Unlooked(why: "\(error)")) }
        }
        var safety = Safety(settings, at: time.now())
        switch outcome {
        case .success(let log)?: safety.look(at: log)
        case .failure(let unlooked)?: safety.addUnlooked(unlooked.why)
        case nil: safety.addUnlooked("the log did not answer in time")
        }
        return safety
    }

    private struct Unlooked: Error { let why: String }

    /// From the first records to what is the end when this begins.
    static func fold(_ log: any EventLog, _ policy: GatePolicy) async throws(LogError) -> SafetyFold {
        let follower = try await LogFollower.open(log, SafetyFold.sources) { EventReading(wanting: SafetyFold.types) }
        var fold = SafetyFold(policy)
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp {
                fold.take(try await follower.next(waiting: .milliseconds(200)))
                if Task.isCancelled { throw LogError(.read, .timedOut("cancelled before the end was read")) }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
        return fold
    }
}
