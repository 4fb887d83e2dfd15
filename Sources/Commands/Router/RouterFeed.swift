internal import Core
internal import Domain
internal import Folding
internal import Synchronization
internal import Threading

/// Brings a partition's owner what the log says: all of it at first, and then what comes, read while he works.
///
/// It reads one batch ahead and waits until that is taken.
actor RouterFeed {
    typealias Batch = FollowedBatch<Event>

    private struct Ready {
        var batch: Batch?
        var vector = FoldVector()
        var failure: (any Error)?
    }

    /// How long one read waits for something to come, and so how long closing may take.
    private static let wait = Duration.milliseconds(200)

    private var follower: LogFollower<EventReading>?
    private var task: Task<Void, Never>?
    private nonisolated let ready = Mutex(Ready())
    private nonisolated let taken = Arrivals()
    private nonisolated let wake: @Sendable () -> Void

    private init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    /// What a router folds: the story of the partition's symbols, and control.
    static func sources(of partition: Int32) -> [TopicPartition] {
        [ControlWatch.source]
            + [TopicCatalog.orderIntents, TopicCatalog.route, TopicCatalog.orderEvents].map {
                TopicPartition($0.name, partition)
            }
    }

    /// Opens where a snapshot ends, if there is one beyond doubt, and says what was folded until there.
    static func open(
        _ setup: RouterSetup, _ partition: Int32, condition: String, wake: @escaping @Sendable () -> Void
    ) async throws -> (feed: RouterFeed, memory: Guarded<RouterMemory>, discarded: SnapshotRefusal?) {
        let feed = RouterFeed(wake: wake)
        let (memory, discarded) = try await feed.open(setup, partition, condition)
        return (feed, memory, discarded)
    }

    /// What the snapshot of a partition is called.
    static func name(_ partition: Int32) -> String { "router-\(partition)" }

    private func open(
        _ setup: RouterSetup, _ partition: Int32, _ condition: String
    ) async throws -> (Guarded<RouterMemory>, SnapshotRefusal?) {
        let sources = Self.sources(of: partition)
        guard let store = setup.snapshots else {
            follower = try await LogFollower.open(setup.log, sources) { EventReading(wanting: Self.types) }
            return (Guarded(RouterMemory()), nil)
        }
        let resumed = try await store.resume(
            Self.name(partition), from: setup.log, sources, condition: condition, empty: { Guarded(RouterMemory()) },
            reading: { EventReading(wanting: Self.types) })
        follower = resumed.follower
        ready.withLock { $0.vector = resumed.follower.vector }
        return (resumed.state, resumed.discarded)
    }

    private static let types = Set(
        EventType.allCases.filter { type in
            switch type.family {
            case .intents, .route, .orderEvents, .control: true
            default: false
            }
        })

    var isCaughtUp: Bool { follower?.isCaughtUp ?? false }

    /// The next batch, for whoever reads by himself before `follow`.
    func read(waiting limit: Duration) async throws -> (batch: Batch?, vector: FoldVector) {
        guard let follower else { return (nil, FoldVector()) }
        let batch = try await follower.next(waiting: limit)
        let vector = follower.vector
        ready.withLock { $0.vector = vector }
        return (batch, vector)
    }

    /// Reads ahead from now on.
    func follow() {
        guard task == nil else { return }
        task = Task { await self.readOn() }
    }

    private func readOn() async {
        while !Task.isCancelled {
            do {
                guard let follower else { return }
                let batch = try await follower.next(waiting: Self.wait)
                let vector = follower.vector
                await put(batch, vector)
            } catch {
                ready.withLock { $0.failure = error }
                return wake()
            }
        }
    }

    private func put(_ batch: Batch, _ vector: FoldVector) async {
        while !Task.isCancelled {
            let seen = taken.count
            let isPut = ready.withLock { ready in
                guard ready.batch == nil else { return false }
                if !batch.isEmpty { ready.batch = batch }
                ready.vector = vector
                return true
            }
            if isPut { break }
            await taken.wait(after: seen, until: .now + Self.wait)
        }
        if !batch.isEmpty { wake() }
    }

    /// What came since the last time, and how far that reaches; throws when reading has failed.
    nonisolated func take() throws -> (batch: Batch?, vector: FoldVector) {
        let ready = ready.withLock { ready in
            defer { ready.batch = nil }
            return ready
        }
        if ready.batch == nil, let failure = ready.failure { throw failure }
        if ready.batch != nil { taken.wake() }
        return (ready.batch, ready.vector)
    }

    func close() async {
        task?.cancel()
        await task?.value
        await follower?.close()
        follower = nil
    }
}
