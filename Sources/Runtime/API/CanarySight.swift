internal import API
internal import Commands
internal import Core
internal import Domain
internal import Folding

/// What the log says of the canary, folded as the gates fold it, as far as somebody asked.
///
/// The first question reads the log; each further one reads on from where the last one ended. Who asks while somebody
/// reads is answered by one more reading, which all who wait share.
actor CanarySight {
    struct Seen: Sendable {
        var fold = GatesFold()
        /// Records that could not be read: any of them may be a breach.
        var unread: [String] = []
    }

    private struct Place: Sendable {
        var seen = Seen()
        var vector = FoldVector()
    }

    static let maximumUnread = 64

    private let log: any EventLog
    private let policy: GatePolicy
    private var place = Place()
    private var running: Task<Result<Seen, LogError>, Never>?
    private var coming: Task<Result<Seen, LogError>, Never>?

    init(_ log: any EventLog, _ policy: GatePolicy) {
        self.log = log
        self.policy = policy
    }

    /// All that was on the log when this was asked, and perhaps more.
    func look() async throws(LogError) -> Seen {
        if let coming { return try await coming.value.get() }
        let before = running
        let task = Task { () async -> Result<Seen, LogError> in
            _ = await before?.value
            return await readOn()
        }
        coming = task
        return try await task.value.get()
    }

    private func readOn() async -> Result<Seen, LogError> {
        running = coming
        coming = nil
        let begun = place
        // What was folded is not copied beside itself; after a failure it is folded anew.
        place = Place()
        do throws(LogError) {
            place = try await Self.read(log, policy, from: begun)
            return .success(place.seen)
        } catch { return .failure(error) }
    }

    private static func read(
        _ log: any EventLog, _ policy: GatePolicy, from begun: consuming Place
    ) async throws(LogError) -> Place {
        var place = begun
        let follower = try await LogFollower.open(log, GatesFold.sources, at: place.vector) {
            EventReading(wanting: GatesFold.types)
        }
        let outcome: Result<Void, LogError>
        do throws(LogError) {
            while !follower.isCaughtUp {
                let batch = try await follower.next(waiting: .milliseconds(200))
                for record in batch {
                    switch record.content {
                    case .fact(let event):
                        place.seen.fold.fold(event, at: batch.position(of: record), under: policy)
                    case .unreadable(let fault):
                        if place.seen.unread.count < maximumUnread { place.seen.unread.append("\(fault)") }
                    }
                }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        place.vector = follower.vector
        await follower.close()
        try outcome.get()
        return place
    }
}
