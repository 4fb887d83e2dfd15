internal import Core
internal import Domain
internal import Folding
internal import Wire

/// One ownership of the feed, from taking over to the first failure.
///
/// Whatever fails, all that is in memory is dropped and the log is read again. One append is on its way while the next
/// read is decoded and judged; it is sent when the first is durable, because a later append that lands without an
/// earlier one would pass messages over.
final class FeedLife {
    static let writerName = "torghut.order-feed"
    /// Under this name the log keeps how far messages are classified.
    static let consumer = "torghut.order-feed"

    private let context: FeedContext
    private let writer: any EventWriter
    private let desk: UpdateDesk
    private var state: FeedState
    /// What was folded of attempts, and of the feed's own events.
    private var vector: FoldVector
    private var attempts: LogFollower<EventReading>
    private var updates: (any EventReader)?
    private var ahead: Task<Result<UpdateBatch, LogError>, Never>?
    private var committing: Task<Result<[RecordPosition], LogError>, Never>?
    private var anchors: [TopicPartition: Anchor] = [:]
    private var seq: Int64 = 0
    private var snapshots: FeedSnapshots

    private static let wanted: Set<EventType> = [
        .route(.attemptPrepared), .route(.attemptAccepted), .route(.attemptRejected),
        .orderEvents(.brokerUpdateRecorded),
    ]

    private static func partitions(_ topics: [CatalogTopic]) -> [TopicPartition] {
        topics.flatMap { topic in (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) } }
    }

    private static let folded = partitions([TopicCatalog.route, TopicCatalog.orderEvents])
    private static let followed = partitions([TopicCatalog.route])

    private init(
        _ context: FeedContext, _ writer: any EventWriter, _ fold: ResumedFold<FeedState, EventReading>
    ) {
        self.context = context
        self.writer = writer
        desk = UpdateDesk(context.scope.account)
        state = fold.state
        vector = fold.follower.vector
        attempts = fold.follower
        snapshots = FeedSnapshots(context, isResumed: fold.isFromSnapshot)
    }

    /// Fences whoever fed before, and opens the fold; nothing is folded yet.
    nonisolated(nonsending) static func begin(_ context: FeedContext) async throws(LogError) -> FeedLife {
        let writer = try await context.log.writer(named: writerName)
        do throws(LogError) {
            let fold: ResumedFold<FeedState, EventReading> = try await context.snapshots.resume(
                FeedSnapshots.name, from: context.log, folded, empty: { FeedState() },
                reading: { EventReading(wanting: wanted) })
            if let discarded = fold.discarded { context.observer.noted(.snapshotDiscarded(discarded)) }
            return FeedLife(context, writer, fold)
        } catch {
            await writer.close()
            throw error
        }
    }

    /// Runs until the task is cancelled or something fails.
    nonisolated(nonsending) func run() async throws(LogError) {
        let failure: LogError?
        do throws(LogError) {
            try await catchUp()
            while !Task.isCancelled { try await turn() }
            // Whoever is stopped while he catches up has nothing that is worth keeping.
            if updates != nil {
                try await settle()
                snapshots.save(state, vector)
            }
            failure = nil
        } catch { failure = error }
        _ = await committing?.value
        _ = await ahead?.value
        await updates?.close()
        await attempts.close()
        await writer.close()
        if let failure { throw failure }
    }

    private nonisolated(nonsending) func catchUp() async throws(LogError) {
        let start = context.time.uptime()
        while !attempts.isCaughtUp, !Task.isCancelled {
            for record in try await attempts.next(waiting: context.limits.wait) { fold(record) }
        }
        guard !Task.isCancelled else { return }
        vector = attempts.vector
        let records = attempts.recordsRead
        try await openAttempts()
        try await openUpdates()
        context.observer.noted(
            .ready(
                records: records, fromSnapshot: snapshots.isResumed,
                took: context.time.uptime() - start))
    }

    /// Its own events need not be read back: it folds them when it writes them.
    private nonisolated(nonsending) func openAttempts() async throws(LogError) {
        let places = vector.places.filter { Self.followed.contains($0.key) }
        await attempts.close()
        attempts = try await LogFollower.open(context.log, Self.followed, at: FoldVector(places)) {
            EventReading(wanting: Self.wanted)
        }
        while !attempts.isCaughtUp, !Task.isCancelled {
            for record in try await attempts.next(waiting: context.limits.wait) { fold(record) }
        }
    }

    private nonisolated(nonsending) func openUpdates() async throws(LogError) {
        let readings = FeedReadings(context.log, topics: context.scope.topics.map(\.name), group: nil)
        let sources = try await readings.sources()
        var known = try await FeedSource.positions(of: sources, in: context.log)
        let fresh = sources.filter { known[$0] == nil }
        if !fresh.isEmpty {
            let bounds = try await context.log.bounds(of: fresh.map(\.read))
            try await context.firstStart.choose(fresh, in: bounds, at: context.time.now(), by: writer)
            known = try await FeedSource.positions(of: sources, in: context.log)
        }
        for (source, position) in known { anchors[source.read] = position.anchor }
        let starts = sources.map { ($0.read, known[$0].map(ReadStart.after) ?? .beginning) }
        updates = try await context.log.reader(
            from: Dictionary(uniqueKeysWithValues: starts),
            ReadOptions(maximumRecords: context.limits.records, maximumBytes: context.limits.bytes, headers: false))
    }

    private func fold(_ record: FollowedRecord<Event>) {
        switch record.content {
        case .fact(let event): state.fold(event)
        case .unreadable(let unreadable):
            snapshots.missesSomething()
            context.observer.noted(.unreadable(unreadable))
        }
    }
}

/// One read and what follows from it.
extension FeedLife {
    private nonisolated(nonsending) func turn() async throws(LogError) {
        guard let updates else { throw LogError(.read, .closed) }
        let read = try await (ahead ?? fetch(updates)).value.get()
        ahead = nil
        try await followAttempts()
        guard !read.isEmpty else { return try await settle() }
        ahead = fetch(updates)
        let start = context.time.uptime()
        var batch = FeedBatch()
        for message in read.messages {
            seq += 1
            // Each has a moment of its own, so that whoever reads them back folds them in this order.
            let now = max(context.time.now(), state.clock.advanced(by: .nanoseconds(1)) ?? .latest)
            if let why = try batch.take(message, in: &state, context.scope, at: now, seq: seq) {
                context.observer.noted(.parked(message.position, why))
            }
        }
        try await settle()
        send(batch, positions(behind: read), since: start)
        if snapshots.isDue(batch.counts.messages) {
            try await settle()
            snapshots.save(state, vector)
        }
    }

    private func fetch(_ reader: any EventReader) -> Task<Result<UpdateBatch, LogError>, Never> {
        Task.detached { [desk, wait = context.limits.wait] in
            do throws(LogError) { return .success(desk.read(try await reader.next(waiting: wait))) } catch {
                return .failure(error)
            }
        }
    }

    /// Attempts that were written before this moment say whose order an update is about.
    private nonisolated(nonsending) func followAttempts() async throws(LogError) {
        while true {
            let batch = try await attempts.next(waiting: .zero)
            for record in batch { fold(record) }
            if batch.isEmpty { break }
        }
        for (source, place) in attempts.vector.places { vector.places[source] = place }
    }

    private func positions(behind read: UpdateBatch) -> [ConsumerPosition] {
        read.next.sorted { $0.key < $1.key }.map { source, place in
            let anchor = place.anchor ?? anchors[source]
            anchors[source] = anchor
            return ConsumerPosition(consumer: Self.consumer, source: source, next: place.offset, anchor: anchor)
        }
    }

    private func send(_ batch: FeedBatch, _ positions: [ConsumerPosition], since start: Duration) {
        committing = Task.detached { [context, writer] in
            do throws(LogError) {
                let written = try await writer.append(Append(batch.records(), positions: positions))
                context.observer.committed(batch.counts, took: context.time.uptime() - start)
                return .success(written)
            } catch { return .failure(error) }
        }
    }

    /// What became of the append that is on its way; its events are folded already, so the vector is behind them now.
    private nonisolated(nonsending) func settle() async throws(LogError) {
        guard let sent = committing else { return }
        committing = nil
        for position in try await sent.value.get() where position.source.topic == TopicCatalog.orderEvents.name {
            vector.places[position.source] = FoldVector.Place(next: position.offset + 1)
        }
    }
}
