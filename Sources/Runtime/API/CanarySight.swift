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
        /// Records that could not be read and of which no operator has said anything: any of them may be a breach.
        var unread: [String] = []
        var rollout: Rollout?
        /// The first offset of each partition that is not in it.
        var position = ""
    }

    /// The rollout of which a step was taken last, and how far it is.
    struct Rollout: Sendable {
        let step: RolloutStepTaken
        let takenAt: Timestamp
        let standing: RolloutStanding
    }

    private struct Place: Sendable {
        var seen = Seen()
        var reading = SettledReading(wanting: GatesFold.types)
        var vector = FoldVector()
        var standings: [Label: RolloutStanding] = [:]

        mutating func take(_ event: Event, at position: RecordPosition, under policy: GatePolicy) {
            seen.fold.fold(event, at: position, under: policy)
            guard case .canary(.rolloutStepTaken(let step)) = event.content else { return }
            let moment = event.envelope.ingestTime
            var standing = standings[step.rolloutID] ?? RolloutStanding()
            standing.fold(step, at: moment)
            standings[step.rolloutID] = standing
            seen.rollout = Rollout(step: step, takenAt: moment, standing: standing)
        }
    }

    static let maximumUnread = 64

    private let log: any EventLog
    private let policy: GatePolicy
    private var place = Place()
    private var follower: LogFollower<EventReading>?
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

    /// Ends what is open; who asks afterwards opens it anew.
    func close() async {
        _ = await running?.value
        await follower?.close()
        follower = nil
    }

    private func readOn() async -> Result<Seen, LogError> {
        running = coming
        coming = nil
        let begun = place
        // What was folded is not copied beside itself; after a failure it is folded anew.
        place = Place()
        do throws(LogError) {
            let follower = try await following(from: begun.vector)
            place = try await read(follower, onto: begun)
            return .success(place.seen)
        } catch {
            await follower?.close()
            follower = nil
            return .failure(error)
        }
    }

    /// It stays open: a journal looks for where to go on by reading through its last segment.
    private func following(from vector: FoldVector) async throws(LogError) -> LogFollower<EventReading> {
        if let follower { return follower }
        let opened = try await LogFollower.open(log, GatesFold.sources, at: vector) {
            EventReading(wanting: GatesFold.types)
        }
        follower = opened
        return opened
    }

    private func read(
        _ follower: LogFollower<EventReading>, onto begun: consuming Place
    ) async throws(LogError) -> Place {
        var place = begun
        let ends = try await log.bounds(of: GatesFold.sources).mapValues(\.end)
        while ends.contains(where: { source, end in (follower.place(of: source)?.next ?? -1) < end }) {
            let batch = try await follower.next(waiting: .milliseconds(200))
            for record in batch {
                let patch = place.reading.settle(record.content)
                if case .fact(let event) = record.content {
                    place.take(event, at: batch.position(of: record), under: policy)
                }
                if let patch { place.take(patch.event, at: patch.place, under: policy) }
            }
        }
        place.vector = follower.vector
        place.seen.position = place.vector.text
        place.seen.unread = place.reading.faults.prefix(Self.maximumUnread).map(\.description)
        return place
    }
}

extension FoldVector {
    /// As `Torghut-Position` says it: partitions in order, topics by name.
    fileprivate var text: String {
        Dictionary(grouping: places, by: \.key.topic).sorted { $0.key < $1.key }.map { topic, places in
            let sorted = places.sorted { $0.key.partition < $1.key.partition }
            return "\(topic)=" + sorted.map { "\($0.value.next)" }.joined(separator: ",")
        }.joined(separator: " ")
    }
}
