internal import Adapters
internal import Core
internal import Domain
internal import Wire

/// One round: ask, compare, write down.
extension ReconcilerLife {
    nonisolated(nonsending) func round() async throws(LogError) -> RoundReport {
        let start = context.time.uptime()
        let feed = try await FeedStanding.before(context.log)
        try await followToEnd()
        budget.fill(at: start)
        var round = BrokerRound(context)
        var report = RoundReport(at: round.view.at)
        await round.askBooks(&budget)
        try await record(round.facts, &report)
        let wanted = asking.orders(
            of: context.account, in: state, suspicions, isListWhole: round.isListWhole, found: round.view.found,
            at: context.time.now())
        await round.ask(wanted, &budget)
        let isFeedBehind = try await feed.isBehind()
        // What was told meanwhile is no difference.
        let isWhole = try await followToEnd()
        holdBack(isFeedBehind: isFeedBehind, isLogRead: isWhole, &report)
        var view = round.view
        asking.note(round.asked, view, watching: state)
        view.gone = asking.gone(in: state)
        for (adapter, orders) in round.unreachable.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            context.observer.noted(.noAdapter(adapter, orders: orders))
        }
        try await record(round.answers, view, &report)
        report.failures = round.failures
        report.postponed = round.postponed
        postponedRounds = round.postponed > 0 ? postponedRounds + 1 : 0
        report.postponedRounds = postponedRounds
        report.budgetLeft = budget.left
        report.open = state.open.rows.filter { !$0.isExplained }
        report.explained = Set(state.open.rows.filter(\.isExplained).map(\.key))
        report.took = context.time.uptime() - start
        return report
    }

    /// What the stream told and nobody folded yet is no difference; but a stream that stays away must show at last.
    private func holdBack(isFeedBehind: Bool, isLogRead: Bool, _ report: inout RoundReport) {
        let (now, uptime) = (context.time.now(), context.time.uptime())
        let isStreamReady = state.isStreamReady(at: now)
        guard isFeedBehind || !isLogRead || !isStreamReady else { return heldBackSince = nil }
        let since = heldBackSince ?? uptime
        heldBackSince = since
        guard uptime - since < context.limits.streamPatience else { return }
        report.heldBack = !isLogRead ? .log : isFeedBehind ? .feed : .stream
        caughtUpAt = now
    }

    /// The account at once: what is asked afterwards may take long, and decisions need it young.
    private nonisolated(nonsending) func record(
        _ facts: AccountSnapshotObserved?, _ report: inout RoundReport
    ) async throws(LogError) {
        guard let facts, isDue(facts) else { return }
        var batch = newBatch()
        batch.add(facts)
        for event in batch.events { state.fold(event) }
        report.wroteFacts = true
        try await write(batch)
    }

    private nonisolated(nonsending) func record(
        _ answers: [BrokerRound.Answer], _ view: BrokerView, _ report: inout RoundReport
    ) async throws(LogError) {
        var batch = newBatch()
        take(answers, into: &batch, &report)
        for event in batch.events { state.fold(event) }
        let folded = batch.events.count
        compare(view, into: &batch, &report)
        for event in batch.events[folded...] { state.fold(event) }
        try await write(batch)
    }

    private func newBatch() -> ReconcilerBatch {
        ReconcilerBatch(of: context.account, after: max(context.time.now(), state.clock), seq: seq)
    }

    private nonisolated(nonsending) func write(_ batch: ReconcilerBatch) async throws(LogError) {
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
        let believed = suspicions.confirm(
            comparison, in: state, at: now, grace: context.limits.grace, caughtUpAt: caughtUpAt)
        var findings = state.findings(comparison, believed: believed)
        let most = max(100, context.limits.eventsPerRound - batch.events.count)
        findings.opened = Array(findings.opened.prefix(most))
        for difference in findings.opened {
            let id = EventMint.discrepancyID(difference.key, after: state.lastEnded(difference.key))
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
