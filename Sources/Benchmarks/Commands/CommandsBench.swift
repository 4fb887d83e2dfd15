import Commands
import Core
import Domain
import Folding
import Foundation
import Synchronization
import Threading
import Wire

/// A handler on a log, as the benchmarks drive it.
struct CommandsBench {
    static let account = AccountLabel(trusted: "paper")
    static let strategy = StrategyID(trusted: "bench")

    let time = SystemTime()
    private let policy = PolicyInForce(
        Policy(settings: { name in
            [
                "TRADING_ENABLED": "true", "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret",
                "TRADING_ACCOUNT_FACTS_MAX_AGE_SECONDS": "86400", "TRADING_PLANNED_DECISION_TIMEOUT_SECONDS": "86400",
            ][name]
        }), mint: EventMint.mint)

    var decider: TradingDecider { TradingDecider(policy, mint: EventMint.mint) }
    var trading: TradingPolicy { policy.policy.trading }

    func context(_ log: any EventLog, _ snapshots: String, _ clock: CommandsClock) -> HandlerContext {
        var context = HandlerContext(
            log: log, decider: decider, time: time, localStop: { .none },
            snapshots: SnapshotStore(folder: snapshots, logID: "bench"), observer: clock)
        // A snapshot beside the work is part of the work, but not of what is compared here.
        context.limits.snapshotRecords = .max
        context.limits.snapshotInterval = .seconds(86_400)
        return context
    }

    /// Runs a handler until it has answered so much, or has only read everything.
    func run(
        _ log: any EventLog, _ snapshots: String, until isDone: @escaping @Sendable (CommandsClock.Seen) -> Bool
    ) async throws -> CommandsClock.Seen {
        let clock = CommandsClock()
        let context = context(log, snapshots, clock)
        let task = Task { try await CommandHandler(context).run() }
        await clock.wait(until: isDone)
        let seen = clock.seen
        task.cancel()
        try await task.value
        return seen
    }

    func event(_ content: DomainEvent, _ symbol: Symbol? = nil, _ number: UInt64 = 0) -> Event {
        let now = time.now()
        return Event(
            Envelope(
                eventID: EventID(hashed: UInt64(bitPattern: now.nanoseconds), number), eventTime: now,
                ingestTime: now, account: Self.account, symbol: symbol, source: SourceName(trusted: "bench"),
                correlation: StoryID(hashed: 1, number)), content)
    }

    /// The switch released, the strategy enabled, an account with room for everything.
    func opening() throws -> [Event] {
        let order = ControlOrder(
            scope: .global, actor: ActorName(trusted: "bench"), reason: try Prose("measured"))
        let money = Amount(1_000_000_000_000)
        return [
            event(.control(.killSwitchReleased(KillSwitchReleased(order: order)))),
            event(.control(.strategyEnabled(StrategyEnabled(order: order, strategyID: Self.strategy)))),
            event(
                .account(
                    .accountSnapshotObserved(
                        AccountSnapshotObserved(
                            asOf: time.now(), tradingMode: .paper, currency: Label(trusted: "USD"), equity: money,
                            cash: money, buyingPower: money, tradingBlocked: false, accountBlocked: false,
                            status: BrokerWord(trusted: "ACTIVE"), positions: [], complete: true)))),
        ]
    }

    func decision(_ number: Int, symbols: Int = 500) throws -> Event {
        let symbol = Symbol(trusted: "S\(number % symbols)")
        var event = event(
            .decisions(
                .decisionRecorded(
                    DecisionRecorded(
                        decisionHash: DecisionHash((UInt64(number), 1, 2, UInt64(time.now().nanoseconds))),
                        strategyID: Self.strategy, timeframe: .oneMinute, action: .buy,
                        terms: OrderTerms(
                            qty: Amount(10), orderType: .limit, timeInForce: .day, limitPrice: try Amount("190.25")),
                        identityParams: [],
                        params: CompactJSON(trusted: Array(#"{"macd":"0.42","rsi":"61.5","vwap":"190.11"}"#.utf8)),
                        rationale: try Prose("macd above its signal")))), symbol, UInt64(number))
        event.envelope.seq = Int64(number)
        return event
    }

    static func append(_ events: [Event], to writer: any EventWriter) async throws {
        var encoder = EventEncoder()
        var start = 0
        while start < events.count {
            let end = min(start + 4_000, events.count)
            _ = try await writer.append(Append(events[start..<end].map { encoder.record($0) }))
            start = end
        }
    }
}

/// Notes when the handler was ready, and when its answers were durable.
final class CommandsClock: CommandObserver {
    struct Seen: Sendable {
        var readyAt: ContinuousClock.Instant?
        var records = 0
        var fromSnapshot = false
        var took = Duration.zero
        var decisions = 0
        var lastCommitAt: ContinuousClock.Instant?
    }

    private let state = Mutex(Seen())
    private let arrivals = Arrivals()

    var seen: Seen { state.withLock { $0 } }

    func committed(_ batch: AnswerCounts, took: Duration) {
        let now = ContinuousClock.now
        state.withLock { seen in
            seen.decisions += batch.decisions
            seen.lastCommitAt = now
        }
        arrivals.wake()
    }

    func noted(_ note: CommandNote) {
        guard case .ready(let records, let fromSnapshot, let took) = note else { return }
        state.withLock { seen in
            seen.readyAt = ContinuousClock.now
            seen.records = records
            seen.fromSnapshot = fromSnapshot
            seen.took = took
        }
        arrivals.wake()
    }

    func wait(until isDone: (Seen) -> Bool) async {
        while true {
            let count = arrivals.count
            if isDone(seen) { return }
            await arrivals.wait(after: count, until: ContinuousClock.now + .seconds(600))
        }
    }
}
