import Adapters
import Bus
import Commands
import Core
import Domain
import RouterTestSupport
import Synchronization
import Telemetry
import TestSupport
import Threading
import Wire

/// From an intent that is durable to its outcome that is durable, without the adapter's own time and without the two
/// appends: what the router itself costs an order.
enum RouterOverhead {
    static let orders = 2_000
    static let warmUp = 200
    static let limit = Duration.milliseconds(1)

    static func run(into table: inout Table) async throws {
        let scratch = try Scratch("router")
        let log = TimedLog(JournalLog("\(scratch.path)/journal"))
        try await log.create(TopicCatalog.specs)
        let time = SystemTime()
        let adapter = InstantAdapter(time: time)
        let setup = setup(log, adapter, time)
        let writer = try await log.log.writer(named: "bench")
        var encoder = EventEncoder()
        _ = try await writer.append(Append([encoder.record(IntentMaker.released(at: time.now()))]))
        let fleet = RouterFleet(setup)
        fleet.take(Set(0..<12))
        var maker = IntentMaker(setup.inForce.policy.routing, prefix: "overhead")
        var overheads: [Duration] = []
        var totals: [Duration] = []
        for number in 0..<orders + warmUp {
            let record = encoder.record(maker.next("S\(number % 24)", at: time.now()))
            _ = try await writer.append(Append([record]))
            let start = ContinuousClock.now
            let (end, appends) = await log.next(2)
            guard number >= warmUp else { continue }
            totals.append(end - start)
            overheads.append(end - start - appends - adapter.took)
        }
        await fleet.end()
        await log.close()
        try scratch.remove()
        add(overheads.sorted(), totals.sorted(), to: &table)
    }

    private static func add(_ overheads: [Duration], _ totals: [Duration], to table: inout Table) {
        func micro(_ times: [Duration], _ share: Double) -> String {
            "\(Int(times[Int(Double(times.count - 1) * share)] / .microseconds(1))) µs"
        }
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let value = overheads[Int(Double(overheads.count - 1) * share)]
            table.add(
                Row(
                    name: "router overhead per order, \(name) (without adapter and its two appends; with them "
                        + "\(micro(totals, share)))",
                    ours: micro(overheads, share), floor: "1 ms", ratio: value.seconds / limit.seconds,
                    target: .atMost(1)))
        }
    }

    private static func setup(_ log: TimedLog, _ adapter: InstantAdapter, _ time: SystemTime) -> RouterSetup {
        let settings = [
            "TRADING_EXECUTION_ADAPTER": "alpaca", "APCA_API_BASE_URL": "http://127.0.0.1:9",
            "APCA_API_KEY_ID": "key", "APCA_API_SECRET_KEY": "secret",
        ]
        return RouterSetup(
            log: log, inForce: PolicyInForce(Policy(settings: { settings[$0] }), mint: EventMint.mint),
            adapters: RouterAdapters(sending: [.alpaca: adapter], asking: [.alpaca: adapter]),
            localStop: { .none }, process: ProcessName(trusted: "bench"), time: time,
            metrics: RouterMetrics(in: Registry()), observer: Silence())
    }

    private struct Silence: RouterObserver {
        func noted(_ note: RouterNote) {}
        func progressed(_ partition: Int32) {}
    }
}

/// The journal, and how long the router's appends take.
private final class TimedLog: ForwardingLog {
    private struct State {
        var appends: [(end: ContinuousClock.Instant, took: Duration)] = []
    }

    let log: any EventLog
    private let state = Mutex(State())
    private let arrivals = Arrivals()

    init(_ log: JournalLog) { self.log = log }

    /// When the last of so many appends was durable, and how long all of them took.
    func next(_ count: Int) async -> (end: ContinuousClock.Instant, took: Duration) {
        while true {
            let seen = arrivals.count
            let taken = state.withLock { state -> [(end: ContinuousClock.Instant, took: Duration)]? in
                guard state.appends.count >= count else { return nil }
                defer { state.appends = [] }
                return state.appends
            }
            if let taken, let last = taken.last { return (last.end, taken.reduce(.zero) { $0 + $1.took }) }
            await arrivals.wait(after: seen, until: .now + .seconds(10))
        }
    }

    fileprivate func note(_ took: Duration, _ end: ContinuousClock.Instant) {
        state.withLock { $0.appends.append((end, took)) }
        arrivals.wake()
    }

    private struct Writer: EventWriter {
        let log: TimedLog
        let writer: any EventWriter

        func append(_ append: Append) async throws(LogError) -> [RecordPosition] {
            let start = ContinuousClock.now
            let positions = try await writer.append(append)
            let end = ContinuousClock.now
            log.note(end - start, end)
            return positions
        }

        func close() async { await writer.close() }
    }

    func writer(named name: String) async throws(LogError) -> any EventWriter {
        Writer(log: self, writer: try await log.writer(named: name))
    }
}

/// A broker that accepts and has filled everything before it is asked.
private final class InstantAdapter: OrderAdapter {
    let adapter = Adapter.alpaca
    private let time: SystemTime
    private let spent = Mutex(Duration.zero)

    init(time: SystemTime) { self.time = time }

    /// What the last call took.
    var took: Duration { spent.withLock { $0 } }

    func submit(_ order: OrderSubmission, _ call: CallTerms) async -> Answered<SubmitVerdict> {
        let start = ContinuousClock.now
        defer { spent.withLock { $0 = ContinuousClock.now - start } }
        return Answered(
            .accepted(
                FoundOrder(
                    id: BrokerOrderID(trusted: order.clientOrderID.text), clientOrderID: order.clientOrderID,
                    symbol: order.symbol, side: order.side, status: .filled, qty: order.terms.qty,
                    filledQty: order.terms.qty)),
            CallRecord(sentAt: time.now(), sentBytes: 1, tries: 1))
    }

    func replace(_ order: OrderReplacement, _ call: CallTerms) async -> Answered<SubmitVerdict> {
        Answered(.unknown(.unknownError), CallRecord())
    }
    func void(_ id: ClientOrderID, _ call: CallTerms) async -> Answered<VoidVerdict> {
        Answered(.unsupported, CallRecord())
    }
    func lookup(clientOrderID id: ClientOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        Answered(.absent, CallRecord())
    }
    func lookup(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<LookupVerdict> {
        Answered(.absent, CallRecord())
    }
    func openOrders(_ call: CallTerms) async -> Answered<ListVerdict> {
        Answered(.orders([], isComplete: true), CallRecord())
    }
    func cancel(orderID id: BrokerOrderID, _ call: CallTerms) async -> Answered<CancelVerdict> {
        Answered(.absent, CallRecord())
    }
    func cancelAll(_ call: CallTerms) async -> Answered<CancelAllVerdict> {
        Answered(.requested([], refused: []), CallRecord())
    }
    func health(_ call: CallTerms) async -> Answered<HealthVerdict> { Answered(.healthy, CallRecord()) }
}
