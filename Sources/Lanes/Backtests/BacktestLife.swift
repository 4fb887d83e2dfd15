internal import Core
internal import Domain
internal import Folding
internal import Wire

/// One ownership of the lane, from taking over to the first failure of the log.
final class BacktestLife {
    static let writerName = "torghut.lanes.backtests"

    private let context: BacktestContext
    private let writer: any EventWriter
    private let follower: LogFollower<EventReading>
    private var book = BacktestBook()
    private var turns: [BacktestID: BacktestTurn] = [:]
    private var seq: Int64 = 0
    private var clock = Timestamp.earliest

    private init(_ context: BacktestContext, _ writer: any EventWriter, _ follower: LogFollower<EventReading>) {
        self.context = context
        self.writer = writer
        self.follower = follower
    }

    /// Fences whoever worked before, and only then reads what they wrote.
    nonisolated(nonsending) static func begin(_ context: BacktestContext) async throws(LogError) -> BacktestLife {
        let writer = try await context.log.writer(named: writerName)
        do throws(LogError) {
            let follower = try await LogFollower.open(
                context.log, BacktestBook.sources, reading: { EventReading(wanting: BacktestBook.types) })
            return BacktestLife(context, writer, follower)
        } catch {
            await writer.close()
            throw error
        }
    }

    nonisolated(nonsending) func run() async throws(LogError) {
        let failure: LogError?
        do throws(LogError) {
            while !follower.isCaughtUp, !Task.isCancelled { try await follow() }
            context.observer.noted(.ready(runs: book.entries.count, open: book.open.count))
            while !Task.isCancelled {
                try await follow()
                try await work()
            }
            failure = nil
        } catch { failure = error }
        await follower.close()
        await writer.close()
        if let failure { throw failure }
    }

    private nonisolated(nonsending) func follow() async throws(LogError) {
        for record in try await follower.next(waiting: context.limits.wait) {
            switch record.content {
            case .fact(let event): book.fold(event)
            case .unreadable(let unreadable): context.observer.noted(.unreadable(unreadable))
            }
        }
    }

    private nonisolated(nonsending) func work() async throws(LogError) {
        let open = book.open
        context.observer.followed(open: open.count, isLaneDisabled: book.isLaneDisabled)
        for entry in open.prefix(context.limits.concurrency) where !Task.isCancelled {
            try await work(entry)
        }
        for id in turns.keys where book.entries[id]?.run.status.isFinal ?? true { turns[id] = nil }
    }

    private nonisolated(nonsending) func work(_ entry: BacktestBook.Entry) async throws(LogError) {
        let now = context.time.now()
        let run = entry.run
        // What the runner already does goes on; what it has not begun does not begin.
        if book.isLaneDisabled, run.status == .queued {
            return try await giveUp(entry, run.failed(.laneDisabled, "the lane is disabled", at: now))
        }
        guard let runner = context.runner else {
            return try await end(
                entry, run.failed(.laneDisabled, "no runner is named (TRADING_LEAN_RUNNER_URL)", at: now))
        }
        var turn = turns[run.backtestID] ?? BacktestTurn()
        guard now >= turn.nextAt else { return }
        let verdict = await ask(runner, entry, turn, now)
        turn.nextAt = now.advanced(by: context.limits.poll) ?? .latest
        if verdict != .silent { turn.silent = 0 }
        if verdict != .lost { turn.missing = 0 }
        if verdict == .wait, run.status == .queued { turn.waitedAt = now }
        if turn.isLate(run, verdict, after: context.limits.timeout, at: now) {
            return try await giveUp(
                entry, run.failed(.timeout, "no end within \(context.limits.timeout)", at: now))
        }
        try await act(on: verdict, entry, &turn, now)
        turns[run.backtestID] = turn
    }

    private nonisolated(nonsending) func ask(
        _ runner: LaneRunner, _ entry: BacktestBook.Entry, _ turn: BacktestTurn, _ now: Timestamp
    ) async -> BacktestVerdict {
        let correlation = CorrelationID(trusted: "torghut-backtest-\(entry.submitted)")
        guard let id = turn.runnerID else {
            let lane = entry.run.lane.text.utf8
            let body =
                Array("{\"lane\":\"".utf8) + lane + Array("\",\"config\":".utf8) + entry.run.configJSON.bytes
                + Array("}".utf8)
            let reply = await runner.post(
                "/v1/backtests", body, correlationID: correlation, within: context.limits.call,
                idempotencyKey: "\(entry.submitted)")
            note(reply)
            return BacktestVerdict.onSubmit(reply.result, entry.run, at: now)
        }
        let reply = await runner.get(
            "/v1/backtests/\(id)", correlationID: correlation, within: context.limits.call)
        note(reply)
        return BacktestVerdict.onPoll(reply.result, entry.run, at: now)
    }

    private func note(_ reply: LaneReply) {
        if case .failure(let fault) = reply.result { context.observer.noted(.silent(reason: fault.reason)) }
    }

    private nonisolated(nonsending) func act(
        on verdict: BacktestVerdict, _ entry: BacktestBook.Entry, _ turn: inout BacktestTurn, _ now: Timestamp
    ) async throws(LogError) {
        switch verdict {
        case .wait: break
        case .accepted(let id):
            turn.runnerID = id
            turn.nextAt = now
        case .started(let time):
            try await write(.backtestStarted(BacktestStarted(run: entry.run.started(at: time))), entry, "running")
        case .ended(let run): try await end(entry, run)
        case .silent:
            turn.silent += 1
            // Longer each time: a runner that is away is not helped by questions.
            let pause = min(context.limits.longestPause, context.limits.poll * (1 << min(turn.silent, 5)))
            turn.nextAt = now.advanced(by: pause) ?? .latest
        case .lost:
            turn.missing += 1
            guard turn.missing >= context.limits.proofs else { return }
            // It took the run in, and says again and again that it has none: that is proof.
            let why = "the runner took the run in and does not know it any more"
            try await end(entry, entry.run.failed(.runnerLostRun, why, at: now))
        }
    }

    /// Ends a run that the runner may still wait with, or work at.
    ///
    /// The runner is told first, so that nobody computes for nothing. A runner that does not hear it comes to its own limit of time.
    private nonisolated(nonsending) func giveUp(
        _ entry: BacktestBook.Entry, _ run: BacktestRun
    ) async throws(LogError) {
        if let runner = context.runner {
            let id = turns[run.backtestID]?.runnerID ?? run.backtestID.text
            let reply = await runner.post(
                "/v1/backtests/\(id)/cancel", Array(#"{"requested_by":"torghut.lanes"}"#.utf8),
                correlationID: CorrelationID(trusted: "torghut-backtest-\(entry.submitted)"),
                within: context.limits.call)
            note(reply)
        }
        try await end(entry, run)
    }

    private nonisolated(nonsending) func end(
        _ entry: BacktestBook.Entry, _ run: BacktestRun
    ) async throws(LogError) {
        let content: Backtests =
            run.status == .completed
            ? .backtestCompleted(BacktestCompleted(run: run)) : .backtestFailed(BacktestFailed(run: run))
        try await write(content, entry, "ended")
        context.observer.noted(.ended(status: run.status.rawValue, failure: run.failureTaxonomy?.rawValue))
    }

    /// Durable first, then folded: what is not on the log did not happen.
    private nonisolated(nonsending) func write(
        _ content: Backtests, _ entry: BacktestBook.Entry, _ step: String
    ) async throws(LogError) {
        seq += 1
        clock = max(context.time.now(), clock.advanced(by: .nanoseconds(1)) ?? .latest)
        // One asking has one beginning and one end, whatever they say.
        let id = EventMint.eventID(.step(of: "backtest/\(entry.submitted)", step))
        let event = Event(
            Envelope(
                eventID: id, eventTime: clock, ingestTime: clock, account: entry.account, seq: seq,
                source: SourceName(trusted: "torghut.lanes"), correlation: entry.story, causation: entry.submitted),
            .backtests(content))
        _ = try await writer.append(Append(EventEncoder.records(of: [event])))
        book.fold(event)
    }
}
