internal import Core
internal import Domain
internal import Folding
internal import Wire

/// One ownership of the decisions, from taking over to the first failure.
///
/// Whatever fails, all that is in memory is dropped and the log is read again: there is no other way to recover.
/// One append is on its way while the next batch is read and decided; it is sent when the first is durable, because
/// a later append that lands without an earlier one would pass decisions over.
final class HandlerLife {
    static let writerName = "torghut.commands"
    /// Under this name the log keeps how far decisions are answered.
    static let consumer = "torghut.commands"

    private let context: HandlerContext
    private let writer: any EventWriter
    private let follower: LogFollower<HandlerReading>
    private let facts: [TopicPartition]
    private let decisions: [TopicPartition]
    private var state: HandlerState
    private var control: ControlProof
    private var seq: Int64 = 0
    /// How far decisions are answered by what was sent.
    private var answered: [TopicPartition: Int64] = [:]
    private var committing: Task<Result<Void, LogError>, Never>?
    private var snapshots: SnapshotRhythm

    static func partitions(_ topics: [CatalogTopic]) -> [TopicPartition] {
        topics.flatMap { topic in (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) } }
    }

    static let factTopics: [CatalogTopic] = [
        TopicCatalog.control, TopicCatalog.account, TopicCatalog.canary, TopicCatalog.orderIntents,
        TopicCatalog.route, TopicCatalog.orderEvents,
    ]

    private init(
        _ context: HandlerContext, _ writer: any EventWriter, _ fold: ResumedFold<HandlerState, HandlerReading>
    ) {
        self.context = context
        self.writer = writer
        follower = fold.follower
        state = fold.state
        facts = fold.follower.sources
        decisions = Self.partitions([TopicCatalog.decisions])
        control = ControlProof(lease: context.policy.controlLease)
        snapshots = SnapshotRhythm(context)
    }

    /// Fences whoever answered before, and opens the fold; nothing is folded yet.
    nonisolated(nonsending) static func begin(_ context: HandlerContext) async throws(LogError) -> HandlerLife {
        // First the fence: what the one before has written until now is all it will ever have written.
        let writer = try await context.log.writer(named: writerName)
        do throws(LogError) {
            let fold: ResumedFold<HandlerState, HandlerReading> = try await context.snapshots.resume(
                "commands", from: context.log, partitions(factTopics),
                condition: HandlerState.condition(context.policy), context.limits.following,
                empty: { HandlerState(under: context.policy) }, reading: { HandlerReading() })
            if let discarded = fold.discarded { context.observer.noted(.snapshotDiscarded(discarded)) }
            return HandlerLife(context, writer, fold)
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
            failure = nil
        } catch { failure = error }
        // What was sent ends before anybody takes over again; what became of it stands on the log.
        let last = await committing?.value
        if failure == nil, case .success? = last ?? .success(()) { await snapshots.saveLast(state, vector) }
        await snapshots.finish()
        await follower.close()
        await writer.close()
        if let failure { throw failure }
        if case .failure(let error)? = last { throw error }
    }

    private nonisolated(nonsending) func catchUp() async throws(LogError) {
        let start = context.time.uptime()
        let isFromSnapshot = follower.isResumed
        while !follower.isCaughtUp {
            guard !Task.isCancelled else { return }
            let batch = try await follower.next(waiting: control.interval)
            for record in batch { fold(record, in: batch) }
        }
        let known = try await context.log.positions(of: Self.consumer, in: decisions)
        let starts = decisions.map { source in
            known[source] ?? ConsumerPosition(consumer: Self.consumer, source: source, next: 0, anchor: nil)
        }
        try await follower.follow(also: starts.reduce(into: [:]) { $0[$1.source] = $1 })
        for start in starts { answered[start.source] = start.next }
        await control.renew(follower, context)
        context.observer.noted(
            .ready(
                records: follower.recordsRead, fromSnapshot: isFromSnapshot, took: context.time.uptime() - start))
        snapshots.caughtUp(state, vector, records: follower.recordsRead)
    }

    /// How far the state reaches: the decisions are work, not state.
    private var vector: FoldVector {
        var vector = follower.vector
        for source in decisions { vector.places[source] = nil }
        return vector
    }
}

/// One read and what follows from it.
extension HandlerLife {
    private nonisolated(nonsending) func turn() async throws(LogError) {
        let batch = try await follower.next(waiting: control.interval)
        let start = context.time.uptime()
        // First what was read is known, then it is proved that nothing else was there to know.
        for record in batch where !isWork(record) { fold(record, in: batch) }
        await control.renew(follower, context)
        let answers = try work(batch)
        // Where nothing is to be sent, what became of the last append is learnt at once: it may say that another
        // process answers now.
        if answers.isEmpty { try await settle() } else { try await send(answers, since: start) }
        guard snapshots.isDue(follower.recordsRead) else { return }
        try await settle()
        snapshots.save(state, vector, records: follower.recordsRead)
    }

    /// Whether it is to be answered: everything else is folded, and before anything is answered.
    private func isWork(_ record: FollowedRecord<HandlerFact>) -> Bool { record.source >= facts.count }

    private func work(_ batch: FollowedBatch<HandlerFact>) throws(LogError) -> AnswerBatch {
        var answers = AnswerBatch()
        let local = context.localStop()
        for record in batch where isWork(record) {
            switch record.content {
            case .fact(.decision(let event)): answer(event, at: batch.position(of: record), local, &answers)
            case .unreadable(let unreadable):
                seq += 1
                try answers.park(unreadable, at: context.time.now(), seq: seq)
                context.observer.noted(.unreadable(unreadable, hold: state.known.unread.standing))
            // On the decisions' topic there is nothing but decisions.
            case .fact(.fact): break
            }
        }
        return answers
    }

    private func answer(
        _ event: Event, at position: RecordPosition, _ local: LocalStop, _ answers: inout AnswerBatch
    ) {
        let cause = Cause(
            topic: position.source.topic, partition: position.source.partition, offset: position.offset)
        guard let decision = DecisionRecord(event, at: cause) else { return }
        seq += 1
        // What cannot be read may be an order to stop: then control is not known to its end.
        let seenAt = state.known.unread.isHolding ? nil : control.seenAt(context.time)
        let bench = Bench(
            at: context.time.now(), controlSeenAt: seenAt, local: local, source: Self.source, seq: seq)
        let answer = context.decider.answer(decision, in: &state.known.state, on: bench)
        if let event = answer.event { state.answered(event) }
        answers.add(answer, takenIn: event.envelope.ingestTime)
    }

    private static let source = SourceName(trusted: "commands")

    private func fold(_ record: FollowedRecord<HandlerFact>, in batch: FollowedBatch<HandlerFact>) {
        switch record.content {
        case .fact(.fact(let fact)):
            state.fold(fact, takenIn: record.ingestTime, at: record.offset)
            if case .event(let event) = fact, case .control(let order) = event.content { settle(order) }
        case .unreadable(let unreadable):
            state.known.unread.note(unreadable)
            context.observer.noted(.unreadable(unreadable, hold: state.known.unread.standing))
        // It would lie among facts, and there it cannot be read.
        case .fact(.decision): break
        }
    }

    /// What an operator says of a record that could not be read.
    private func settle(_ order: Control) {
        let before = (count: state.known.unread.count, hold: state.known.unread.standing)
        if let patch = state.known.unread.fold(order) {
            var reader = HandlerReading()
            switch patch.read(by: &reader) {
            case .fact(.fact(let fact), _, let moment): state.fold(fact, takenIn: moment, at: patch.place.offset)
            case .fact(.decision, _, _), .passed: break
            case .unknownType, .unknownVersion, nil: state.known.unread.refuse(patch)
            }
        }
        let after = (count: state.known.unread.count, hold: state.known.unread.standing)
        if after != before { context.observer.noted(.settled(hold: after.hold)) }
    }

    /// Sends answers and positions as one append, once the one before is durable.
    private nonisolated(nonsending) func send(_ answers: AnswerBatch, since start: Duration) async throws(LogError) {
        var positions: [ConsumerPosition] = []
        for source in decisions {
            guard let place = follower.place(of: source), place.next != answered[source] else { continue }
            answered[source] = place.next
            positions.append(
                ConsumerPosition(consumer: Self.consumer, source: source, next: place.next, anchor: place.anchor))
        }
        try await settle()
        committing = Task.detached { [context, writer, positions] in
            do throws(LogError) {
                _ = try await writer.append(Append(answers.records(), positions: positions))
                context.observer.committed(answers.counts, took: context.time.uptime() - start)
                return .success(())
            } catch { return .failure(error) }
        }
    }

    /// What became of the append that is on its way.
    private nonisolated(nonsending) func settle() async throws(LogError) {
        guard let sent = committing else { return }
        committing = nil
        try await sent.value.get()
    }
}
