internal import Core
internal import Domain
internal import Folding

/// The answer to "can we continue?" for whoever asks the API: the log is followed, and nobody who asks waits for it.
actor SafetySight {
    /// Between two looks at how far the log reaches.
    static let proofEvery: Duration = .seconds(1)
    /// What was read longer ago is not known any more; the same as for the log as a part of the system.
    static let maximumAge: Duration = .seconds(6)

    private let house: House
    private var fold: SafetyFold
    private var place = FoldVector()
    /// When the log was last asked how far it reaches, and read that far since.
    private var provedAt: Timestamp?
    private var fault: String?

    init(_ house: House) {
        self.house = house
        fold = SafetyFold(house.settings.policy.policy.gates)
    }

    struct Look: Sendable {
        let safety: Safety
        /// How far the log was folded for it.
        let position: String
        /// Whether the log was ever read to its end, and lately.
        let isKnown: Bool
        /// Since when nobody knows what became of an order, of the one that waits for longest.
        let doubtSince: Timestamp?
        /// Strategies whose order ids diverged between the routes.
        let divergences: Int
    }

    /// What is known now.
    func look() -> Look {
        let now = house.time.now()
        var safety = Safety(house.settings, at: now)
        let stale = staleness(at: now)
        if let stale { safety.addUnlooked(stale) }
        // What was never read to its end says nothing of anything.
        if provedAt != nil { safety.look(at: fold) }
        return Look(
            safety: safety, position: SafetyFold.text(place), isKnown: stale == nil,
            doubtSince: fold.doubts.values.map(\.since).min(), divergences: fold.parity.openDivergences.count)
    }

    private func staleness(at now: Timestamp) -> String? {
        let why = fault.map { ": \($0)" } ?? ""
        guard let provedAt else { return "it has not been read to its end yet\(why)" }
        let age = now.since(provedAt)
        guard age > Self.maximumAge else { return nil }
        return "it was not read to its end for \(age.components.seconds) s\(why)"
    }

    /// Follows until cancelled; after a failure it begins anew, and says meanwhile what it knew.
    func run() async {
        while !Task.isCancelled {
            do { try await follow() } catch { fault = "\(error)" }
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    private func follow() async throws {
        let follower = try await LogFollower.open(house.log, SafetyFold.sources) {
            EventReading(wanting: SafetyFold.types)
        }
        let outcome: Result<Void, any Error>
        do {
            var fresh = SafetyFold(house.settings.policy.policy.gates, knowing: fold.roles)
            while !follower.isCaughtUp {
                fresh.take(try await follower.next(waiting: .milliseconds(250)))
                try Task.checkCancellation()
            }
            fold = fresh
            // One copy: a second one beside it would be made anew with every record.
            fresh = SafetyFold(house.settings.policy.policy.gates)
            try await stay(with: follower)
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
    }

    /// Proved is what was the end when it was asked for: on a busy log nobody ever stands at the end.
    private func stay(with follower: LogFollower<EventReading>) async throws {
        var goal: (asked: Timestamp, ends: [TopicPartition: Bounds])?
        var asked: Duration?
        while !Task.isCancelled {
            let uptime = house.time.uptime()
            if goal == nil, asked.map({ uptime - $0 >= Self.proofEvery }) ?? true {
                asked = uptime
                let now = house.time.now()
                goal = (now, try await house.log.bounds(of: SafetyFold.sources))
            }
            let batch = try await follower.next(waiting: .milliseconds(250))
            fold.take(batch)
            place = follower.vector
            guard let reached = goal, Self.isPast(reached.ends, follower) else { continue }
            (provedAt, fault, goal) = (reached.asked, nil, nil)
        }
    }

    private static func isPast(
        _ ends: [TopicPartition: Bounds], _ follower: LogFollower<EventReading>
    ) -> Bool {
        ends.allSatisfy { source, bounds in follower.place(of: source).map { $0.next >= bounds.end } ?? false }
    }
}
