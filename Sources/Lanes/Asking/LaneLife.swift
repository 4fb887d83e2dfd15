internal import Core
internal import Domain
internal import Folding
internal import Wire

/// One ownership of a lane, from taking over to the first failure.
///
/// Whatever fails, all that is in memory is dropped and the log is read again: an answer that became durable is there,
/// and what has none is asked once more.
final class LaneLife<Craft: LaneCraft> {
    private let context: LaneContext<Craft>
    private let writer: any EventWriter
    private let follower: LogFollower<EventReading>
    private let desk: AskingDesk<Craft>
    private let isResumed: Bool
    private var book: Craft.Book
    private var seq: Int64 = 0
    private var clock = Timestamp.earliest
    private var savedRecords = 0
    private var savedAt: Duration
    /// A record of ours could not be read: a program that can must find it before its state.
    private var isWorthKeeping = true

    private init(
        _ context: LaneContext<Craft>, _ writer: any EventWriter, _ fold: ResumedFold<Craft.Book, EventReading>
    ) {
        self.context = context
        self.writer = writer
        follower = fold.follower
        book = context.ruled(fold.state)
        isResumed = fold.isFromSnapshot
        desk = AskingDesk(context)
        savedAt = context.time.uptime()
    }

    /// Fences whoever worked before, and opens the fold; nothing is folded yet.
    nonisolated(nonsending) static func begin(_ context: LaneContext<Craft>) async throws(LogError) -> LaneLife {
        let writer = try await context.log.writer(named: "torghut.lanes." + context.craft.name)
        let sources = Craft.Book.topics.flatMap { topic in
            (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        }
        do throws(LogError) {
            let fold: ResumedFold<Craft.Book, EventReading> = try await context.snapshots.resume(
                context.craft.name, from: context.log, sources, empty: { context.book },
                reading: { EventReading(wanting: Craft.Book.wanted) })
            if let discarded = fold.discarded { context.observer.noted(.snapshotDiscarded(discarded)) }
            return LaneLife(context, writer, fold)
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
            while !Task.isCancelled {
                try await follow(waiting: desk.isBusy ? context.limits.busyWait : context.limits.wait)
                try await work()
                if isSnapshotDue { save() }
            }
            if follower.isCaughtUp { save() }
            failure = nil
        } catch { failure = error }
        await desk.close()
        await follower.close()
        await writer.close()
        if let failure { throw failure }
    }

    private nonisolated(nonsending) func catchUp() async throws(LogError) {
        let start = context.time.uptime()
        while !follower.isCaughtUp, !Task.isCancelled { try await follow(waiting: context.limits.wait) }
        guard !Task.isCancelled else { return }
        context.observer.noted(
            .ready(
                records: follower.recordsRead, fromSnapshot: isResumed, took: context.time.uptime() - start))
    }

    private nonisolated(nonsending) func follow(waiting limit: Duration) async throws(LogError) {
        let batch = try await follower.next(waiting: limit)
        for record in batch {
            switch record.content {
            case .fact(let event): book.fold(event, at: batch.position(of: record))
            case .unreadable(let unreadable):
                isWorthKeeping = false
                context.observer.noted(.unreadable(unreadable))
            }
        }
    }

    /// Takes what is new, writes what was answered and what follows from it.
    private nonisolated(nonsending) func work() async throws(LogError) {
        let now = context.time.now()
        var events: [Event] = []
        let (fresh, tooOld) = book.takeQuestions(at: now)
        if !tooOld.isEmpty { context.observer.noted(.tooOld(tooOld.count)) }
        for question in tooOld {
            events.append(drop(question, LaneFault(.tooOld, reason: "it is too old to be asked about"), at: now))
        }
        if book.isLaneDisabled {
            let fault = LaneFault(.laneDisabled, reason: "the lane is disabled")
            for question in desk.takeWaiting() + fresh { events.append(drop(question, fault, at: now)) }
        } else {
            var dropped = 0
            for question in fresh where !desk.offer(question) {
                dropped += 1
                events.append(drop(question, LaneFault(.queueFull, reason: "too much was waiting"), at: now))
            }
            if dropped > 0 { context.observer.noted(.dropped(dropped)) }
        }
        for finished in desk.takeFinished() { events.append(event(finished.content, finished.question, at: now)) }
        try await write(events)
        try await write(book.takeVerdicts(at: now).map { event($0, at: now) })
        context.observer.folded(book, waiting: desk.waiting, asking: desk.asking)
    }

    private func drop(_ question: Craft.Book.Question, _ fault: LaneFault, at now: Timestamp) -> Event {
        event(context.craft.failure(of: question, LaneFailed(fault, tries: 0)), question, at: now)
    }

    /// Each answer is completed by all that stand before it, those of the same append included: what it says does not
    /// depend on how many were written at once.
    ///
    /// They are folded before they are durable; when the append fails, this life ends and its book with it, unsaved.
    private nonisolated(nonsending) func write(_ events: [Event]) async throws(LogError) {
        for start in stride(from: 0, to: events.count, by: context.limits.recordsPerAppend) {
            var part: [Event] = []
            for given in events[start..<min(start + context.limits.recordsPerAppend, events.count)] {
                let event = Event(given.envelope, book.completed(given))
                book.fold(event, at: nil)
                part.append(event)
            }
            _ = try await writer.append(Append(EventEncoder.records(of: part)))
        }
    }
}

extension LaneLife {
    private func event(_ content: DomainEvent, _ question: Craft.Book.Question, at now: Timestamp) -> Event {
        let cause = Cause(
            topic: question.cause.topic, partition: question.cause.partition, offset: question.cause.offset)
        // One answer for one question, whichever it is: its id does not depend on what it says.
        let id = EventMint.eventID(.step(of: "\(context.craft.name)/\(question.eventID)", "answered"))
        return event(
            content, id, account: question.account, symbol: question.symbol, story: question.story,
            causation: question.eventID, cause: cause, at: now)
    }

    private func event(_ verdict: LaneVerdict, at now: Timestamp) -> Event {
        let id = EventMint.eventID(.step(of: "\(context.craft.name)/\(verdict.name.machine)", verdict.name.step))
        return event(
            verdict.content, id, account: verdict.account, symbol: verdict.symbol, story: verdict.story,
            causation: verdict.causation, cause: nil, at: now)
    }

    private func event(
        _ content: DomainEvent, _ id: EventID, account: AccountLabel, symbol: Symbol, story: StoryID,
        causation: EventID, cause: Cause?, at now: Timestamp
    ) -> Event {
        seq += 1
        // Each has a moment of its own, so that whoever reads them back folds them in this order.
        clock = max(now, clock.advanced(by: .nanoseconds(1)) ?? .latest)
        return Event(
            Envelope(
                eventID: id, eventTime: clock, ingestTime: clock, account: account, symbol: symbol, seq: seq,
                source: SourceName(trusted: "torghut.lanes"), correlation: story, causation: causation, cause: cause),
            content)
    }

    private var isSnapshotDue: Bool {
        let records = follower.recordsRead
        return records - savedRecords >= context.limits.snapshotRecords
            || (records > savedRecords && context.time.uptime() - savedAt >= context.limits.snapshotInterval)
    }

    private func save() {
        (savedRecords, savedAt) = (follower.recordsRead, context.time.uptime())
        guard isWorthKeeping else { return }
        do throws(SnapshotRefusal) {
            try context.snapshots.save(book, at: follower.vector, as: context.craft.name)
        } catch { context.observer.noted(.snapshotFailed(error)) }
    }
}
