internal import Adapters
internal import Core
internal import Domain
internal import Folding
internal import Wire

/// One ownership of the reconciler, from taking over to the first failure.
///
/// Whatever fails, all that is in memory is dropped and the log is read again.
final class ReconcilerLife {
    private let context: ReconcilerContext
    /// `nil` when nothing is to be written.
    private let writer: (any EventWriter)?
    private let follower: LogFollower<EventReading>
    private var state: ReconcileState
    private var suspicions = Suspicions()
    private var budget: ReadBudget
    private var asking: OrdersToAsk
    private var seq: Int64 = 0
    private var snapshots: ReconcilerSnapshots

    private static let sources = [TopicCatalog.route, TopicCatalog.orderEvents, TopicCatalog.account].flatMap { topic in
        (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
    }

    private init(
        _ context: ReconcilerContext, _ writer: (any EventWriter)?, _ fold: ResumedFold<ReconcileState, EventReading>
    ) {
        self.context = context
        self.writer = writer
        follower = fold.follower
        state = fold.state
        asking = OrdersToAsk(silence: context.limits.silence)
        budget = ReadBudget(perMinute: context.limits.requestsPerMinute, at: context.time.uptime())
        snapshots = ReconcilerSnapshots(context, isResumed: fold.isFromSnapshot)
    }

    /// Fences whoever reconciled before, and opens the fold; nothing is folded yet.
    nonisolated(nonsending) static func begin(
        _ context: ReconcilerContext, writes: Bool = true
    ) async throws(LogError) -> ReconcilerLife {
        let writer = writes ? try await context.log.writer(named: context.writerName) : nil
        do throws(LogError) {
            let fold: ResumedFold<ReconcileState, EventReading> = try await context.snapshots.resume(
                ReconcilerSnapshots.name, from: context.log, sources, condition: context.account.text,
                empty: { ReconcileState(of: context.account) },
                reading: { EventReading(wanting: ReconcileState.wanted) })
            if let discarded = fold.discarded { context.observer.noted(.snapshotDiscarded(discarded)) }
            return ReconcilerLife(context, writer, fold)
        } catch {
            await writer?.close()
            throw error
        }
    }

    /// Runs until the task is cancelled or something fails.
    nonisolated(nonsending) func run() async throws(LogError) {
        let failure: LogError?
        do throws(LogError) {
            try await catchUp()
            while !Task.isCancelled {
                let start = context.time.uptime()
                context.observer.finished(try await round())
                let records = follower.recordsRead
                if snapshots.isDue(records) { snapshots.save(state, follower.vector, records: records) }
                while !Task.isCancelled, context.time.uptime() - start < context.limits.period {
                    try await follow(waiting: context.limits.wait)
                }
            }
            if follower.isCaughtUp { snapshots.save(state, follower.vector) }
            failure = nil
        } catch { failure = error }
        await close()
        if let failure { throw failure }
    }

    nonisolated(nonsending) func close() async {
        await follower.close()
        await writer?.close()
    }

    nonisolated(nonsending) func catchUp() async throws(LogError) {
        let start = context.time.uptime()
        while !follower.isCaughtUp, !Task.isCancelled { try await follow(waiting: context.limits.wait) }
        guard !Task.isCancelled else { return }
        context.observer.noted(
            .ready(
                records: follower.recordsRead, fromSnapshot: snapshots.isResumed,
                took: context.time.uptime() - start))
    }

    @discardableResult
    private nonisolated(nonsending) func follow(waiting limit: Duration) async throws(LogError) -> Bool {
        let batch = try await follower.next(waiting: limit)
        for record in batch {
            switch record.content {
            case .fact(let event): state.fold(event)
            case .unreadable(let unreadable):
                snapshots.missesSomething()
                context.observer.noted(.unreadable(unreadable))
            }
        }
        return !batch.isEmpty
    }

    /// Everything that lay on the log before this moment is folded.
    private nonisolated(nonsending) func followToEnd() async throws(LogError) {
        while try await follow(waiting: context.limits.wait), !Task.isCancelled {}
    }
}

/// One round: ask, compare, write down.
extension ReconcilerLife {
    nonisolated(nonsending) func round() async throws(LogError) -> RoundReport {
        let start = context.time.uptime()
        try await followToEnd()
        budget.fill(at: start)
        var round = BrokerRound(context)
        await round.ask(&budget) { listed, found in
            asking.orders(
                of: context.account, in: state, suspicions, isListWhole: listed != nil, found: found,
                at: context.time.now())
        }
        // What was told meanwhile is no difference.
        try await followToEnd()
        asking.note(round.asked, watching: state)
        for (adapter, orders) in round.unreachable.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            context.observer.noted(.noAdapter(adapter, orders: orders))
        }
        var report = RoundReport(at: round.view.at)
        try await record(round, &report)
        report.failures = round.failures
        report.postponed = round.postponed
        report.budgetLeft = budget.left
        report.open = state.open.rows.filter { !$0.isExplained }
        report.explained = Set(state.open.rows.filter(\.isExplained).map(\.key))
        report.took = context.time.uptime() - start
        return report
    }

    private nonisolated(nonsending) func record(
        _ round: BrokerRound, _ report: inout RoundReport
    ) async throws(LogError) {
        var batch = ReconcilerBatch(
            of: context.account, after: max(context.time.now(), state.clock), seq: seq)
        take(round.answers, into: &batch, &report)
        if let facts = round.view.facts, isDue(facts) {
            batch.add(facts)
            report.wroteFacts = true
        }
        for event in batch.events { state.fold(event) }
        let folded = batch.events.count
        compare(round.view, into: &batch, &report)
        for event in batch.events[folded...] { state.fold(event) }
        seq = batch.lastSeq
        for start in stride(from: 0, to: batch.events.count, by: context.limits.recordsPerAppend) {
            let end = min(start + context.limits.recordsPerAppend, batch.events.count)
            try await writer?.append(Append(EventEncoder.records(of: Array(batch.events[start..<end]))))
        }
    }

    /// What says something new is always written; the rest so that everybody sees how young our knowledge is.
    private func take(_ answers: [BrokerRound.Answer], into batch: inout ReconcilerBatch, _ report: inout RoundReport) {
        report.ordersRead = answers.count
        var same: [(snapshot: OrderSnapshotObserved, symbol: Symbol, story: StoryID?, readAt: Timestamp)] = []
        for answer in answers {
            let known = state.order(context.account, answer.order.clientOrderID, answer.order.id)
            let snapshot = ReconcilerBatch.snapshot(answer, known)
            let symbol = known?.symbol ?? answer.order.symbol
            if let read = known?.read, read.isSame(as: BrokerReading(snapshot)) {
                same.append((snapshot, symbol, known?.story, read.observedAt))
            } else {
                report.updates += 1
                batch.add(snapshot, of: symbol, story: known?.story)
            }
        }
        same.sort { $0.readAt < $1.readAt }
        for read in same.prefix(max(0, context.limits.eventsPerRound - batch.events.count)) {
            batch.add(read.snapshot, of: read.symbol, story: read.story)
        }
    }

    /// The account's facts are written when they change, and before those that are there grow old.
    private func isDue(_ facts: AccountSnapshotObserved) -> Bool {
        guard var known = state.facts[context.account] else { return true }
        guard facts.asOf > known.asOf else { return false }
        if facts.asOf.since(known.asOf) >= context.limits.accountInterval { return true }
        known.asOf = facts.asOf
        // Of no meaning to us, and different each time.
        known.rawAccount = facts.rawAccount
        return known != facts
    }

    private func compare(_ view: BrokerView, into batch: inout ReconcilerBatch, _ report: inout RoundReport) {
        let now = context.time.now()
        let comparison = BookComparison(of: view, with: state)
        let believed = suspicions.confirm(comparison.differences, at: now, grace: context.limits.grace)
        var findings = state.findings(comparison, believed: believed)
        let most = max(100, context.limits.eventsPerRound - batch.events.count)
        findings.opened = Array(findings.opened.prefix(most))
        for difference in findings.opened {
            let id = EventMint.discrepancyID(difference, after: state.lastEnded(difference.key))
            batch.add(difference, opening: id, at: now)
        }
        for (difference, id) in findings.changed { batch.add(difference, opening: id, at: now) }
        for row in findings.resolved { batch.add(row, resolvedAt: now, resolution(of: row)) }
        state.settle(comparison)
        report.differences = comparison.differences
        report.findings = findings
    }

    /// An order from outside that was canceled is no more; everything else agrees by now.
    private func resolution(of row: OpenDiscrepancy) -> DiscrepancyResolution {
        guard row.kind == .unknownBrokerOrder,
            let order = state.order(row.account, row.order.clientOrderID, row.order.alpacaOrderID), !order.isOurs
        else { return .selfResolved }
        return order.lastStatus == .canceled ? .canceled : .selfResolved
    }
}
