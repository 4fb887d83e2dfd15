internal import Adapters
internal import Core
internal import Domain
internal import Folding
internal import Wire

/// Judges without end: folds what comes, asks the adapters how they are, and appends every verdict that changes
/// something.
///
/// It owns the gates through the log's writer of that name: opening it fences the keeper before. A verdict counts when
/// it is read back: so each one is computed from what is on the log, and from nothing else.
public struct GateKeeper: Sendable {
    public static let writerName = "torghut.gates"
    static let snapshotName = "gates"

    private let context: GatesContext

    public init(_ context: GatesContext) { self.context = context }

    /// Works until cancelled; throws when another keeper took over, and when the log does not go on.
    public func run() async throws {
        // First the fence, then the reading: nothing of the keeper before can come after what is read.
        let writer = try await context.log.writer(named: Self.writerName)
        let health = HealthWatch(
            context.adapters, maximumAge: context.inForce.policy.gates.healthMaximumAge, time: context.time)
        let asking = Task { await health.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await judge(writer, health)) } catch { outcome = .failure(error) }
        asking.cancel()
        await asking.value
        await writer.close()
        try outcome.get()
    }

    private func judge(_ writer: any EventWriter, _ health: HealthWatch) async throws {
        let resumed = try await context.snapshots.resume(
            Self.snapshotName, from: context.log, GatesFold.sources, condition: condition,
            empty: { Guarded(GatesFold()) }, reading: { EventReading(wanting: GatesFold.types) })
        if let why = resumed.discarded { context.observer.discarded("\(why)") }
        var watch = GatesWatch(context, resumed.state)
        let follower = resumed.follower
        let outcome: Result<Void, any Error>
        do {
            while !Task.isCancelled {
                watch.fold(try await follower.next(waiting: context.limits.readWait))
                guard follower.isCaughtUp else { continue }
                let events = watch.judge(health)
                if !events.isEmpty { try await append(events, writer, &watch) }
                watch.save(follower.vector, Self.snapshotName, condition)
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await follower.close()
        try outcome.get()
    }

    /// Another policy counts other attempts: its fold is another one.
    private var condition: String { "\(context.inForce.policyHash)" }

    private func append(
        _ events: [Event], _ writer: any EventWriter, _ watch: inout GatesWatch
    ) async throws(LogError) {
        var encoder = EventEncoder()
        var records: [NewRecord] = []
        for event in events { records.append(encoder.record(event)) }
        let places = try await writer.append(Append(records))
        watch.appended(events, at: places)
    }
}

/// One keeper's state between two looks at the log.
struct GatesWatch {
    private let context: GatesContext
    private var guarded: Guarded<GatesFold>
    private var desk: GatesDesk
    private let decider: CanaryDecider
    /// The last record of our own that was not read back yet.
    private var awaited: [String: Int64] = [:]
    private var judgedAt: Timestamp?
    private var savedAt: Timestamp
    private var isDirty = true

    init(_ context: GatesContext, _ state: Guarded<GatesFold>) {
        self.context = context
        guarded = state
        desk = GatesDesk(context.inForce)
        decider = CanaryDecider(context.inForce, mint: EventMint.mint)
        savedAt = context.time.now()
    }

    mutating func fold(_ batch: FollowedBatch<Event>) {
        for record in batch {
            switch record.content {
            case .fact(let event): fold(event, at: batch.position(of: record))
            case .unreadable(let fault): guarded.unread.note(fault)
            }
        }
        if !batch.isEmpty { isDirty = true }
    }

    private mutating func fold(_ event: Event, at place: RecordPosition) {
        guarded.state.fold(event, at: place, under: context.inForce.policy.gates)
        guard case .control(let control) = event.content else { return }
        if case .killSwitchObserved(let seen) = control { context.observer.stopped(seen) }
        if case .killSwitchReleased = control, !guarded.state.control.kill.isEngaged { context.observer.released() }
        // What an operator wants folded in a record's place is folded at that place.
        guard let patch = guarded.unread.fold(control) else { return }
        var reader = EventReading(wanting: GatesFold.types)
        let read = patch.read(by: &reader)
        // Another type is none of ours; what cannot be read leaves us as unsure as before.
        if case .passed? = read { return }
        guard case .fact(let event, _, _)? = read else { return guarded.unread.refuse(patch) }
        let source = TopicPartition(patch.place.topic.text, Int32(patch.place.partition))
        guarded.state.fold(event, at: RecordPosition(source, patch.place.offset), under: context.inForce.policy.gates)
    }

    /// What is to be said now: what adapters answered, and a verdict once everything of ours has been read back.
    mutating func judge(_ health: HealthWatch) -> [Event] {
        let now = context.time.now()
        var events: [Event] = []
        for answer in health.take() {
            context.observer.asked(answer.adapter, answer.health)
            if let event = desk.event(answer, given: guarded.state.control, at: now) { events.append(event) }
        }
        settle()
        // A runner whose last answer is from before a restart is not sick before it was asked again.
        guard awaited.isEmpty, events.isEmpty, health.hasHeardAll else { return events }
        let since = judgedAt.map { now.since($0) }
        // A clock that was set back keeps nobody waiting for it.
        let isDue =
            since.map {
                $0 < .zero || $0 >= context.limits.judgeEvery || (isDirty && $0 >= context.limits.judgeAtMost)
            } ?? true
        guard isDue else { return [] }
        judgedAt = now
        isDirty = false
        context.observer.folded(guarded.state)
        context.observer.judging(isHolding: guarded.unread.standing)
        // One append is one fold's word: what the breaker says is read back before the canary is asked again.
        if let verdict = desk.verdict(guarded.state.breaker, at: now) { return [verdict] }
        let state = guarded.state
        return decider.decide(CanaryDecider.Situation(state.canary, state.incidents, state.control), at: now)
    }

    /// What was appended and has been read back since.
    private mutating func settle() {
        let reached = [
            TopicCatalog.control.name: guarded.state.control.position,
            TopicCatalog.canary.name: guarded.state.incidents.position,
        ]
        awaited = awaited.filter { topic, offset in (reached[topic] ?? .max) <= offset }
    }

    mutating func appended(_ events: [Event], at places: [RecordPosition]) {
        for place in places { awaited[place.source.topic] = max(awaited[place.source.topic] ?? 0, place.offset) }
        for event in events {
            switch event.content {
            case .control(.breakerJudged(let verdict)): context.observer.judged(verdict)
            case .canary(let said): context.observer.judged(said)
            default: break
            }
        }
    }

    /// Only what is wholly read back is kept: a snapshot holds nothing that the log does not.
    mutating func save(_ vector: FoldVector, _ name: String, _ condition: String) {
        let now = context.time.now()
        guard awaited.isEmpty, guarded.isWorthKeeping, now.since(savedAt) >= context.limits.saveEvery else { return }
        savedAt = now
        do throws(SnapshotRefusal) {
            try context.snapshots.save(guarded, at: vector, as: name, condition: condition)
        } catch { context.observer.discarded("not saved: \(error)") }
    }
}
