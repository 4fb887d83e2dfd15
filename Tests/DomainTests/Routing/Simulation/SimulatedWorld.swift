import Core
import Domain
import TestSupport

/// Everything around the router, in virtual time: log, broker, runner, network, processes that die, sleep and return.
///
/// A seed is a run: the same seed gives the same trace.
struct SimulatedWorld {
    /// What the network and the other side do to one call.
    enum Fate: CaseIterable {
        case fine, refusedConnection, lostRequest, lostReply, slowReply, slowRequest, errorAfter, lies, doubled
        case notSent, contractInvalid, earlyError
    }

    struct Call {
        let process: Int
        let order: OutgoingOrder
        let replaced: BrokerOrderID?
        let fate: Fate
    }

    indirect enum Item {
        case start
        case tick(Int)
        case perform(Int, RouterAction)
        case atRunner(Call)
        case atBroker(Call)
        case deliver(Int, RouterInput)
        case expire(Call)
        case stream(SimulatedBroker.Order)
        case fill(BrokerOrderID)
        case write(DomainEvent, Symbol?)
        case disturb
        case inspect
        case want(Int)
    }

    struct Process {
        var state: RouterState
        var session: RouterSession
        var isAlive = true
        var wakesAt: Timestamp?
        /// How much of the log was read.
        var read: Int
        var answered: Set<AttemptID> = []
        var lags = false {
            didSet { everLagged = everLagged || lags }
        }
        private(set) var everLagged = false
    }

    let seed: UInt64
    var random: SplitMix64
    var now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    var log = SimulatedLog()
    var broker: SimulatedBroker
    var runner = SimulatedRunner()
    var processes: [Process] = []
    var agenda = Agenda<Item>()
    var trace = Trace()
    let router: Router
    let flaw: Flaw?
    let script: Script?
    /// Points between two instructions that were passed, in a run by script.
    var points = 0
    let timing: RoutingPolicy.Timing
    var isStormy = true
    var latch = false
    var healthAt = Timestamp.epoch
    var decisions: [DecisionHash] = []
    var sends: [AttemptID: Int] = [:]
    var steps = 0
    var checked = 0
    var failures: [String] = []
    var eventCount: UInt64 = 0

    init(seed: UInt64, policy: PolicyInForce, flaw: Flaw? = nil, script: Script? = nil) {
        self.seed = seed
        self.flaw = flaw
        self.script = script
        isStormy = script == nil
        random = SplitMix64(seed: seed)
        broker = SimulatedBroker(isUnique: random.next() % 2 == 0)
        router = Router(policy, mint: TestMint.mint)
        timing = policy.policy.routing.timing
    }

    mutating func chance(_ percent: UInt64) -> Bool { random.next() % 100 < percent }

    /// One intent in calm weather, with one thing that goes wrong and one death.
    struct Script: Sendable {
        var adapter = Adapter.lean
        var fate = Fate.fine
        var rejects = false
        /// The point at which the process dies; none when there are not so many.
        var deathPoint: Int?
    }

    /// Whether the script kills the process here.
    mutating func diesHere() -> Bool {
        points += 1
        return script?.deathPoint == points - 1
    }

    /// One of so many, from zero.
    mutating func pick(_ count: Int) -> Int { Int(truncatingIfNeeded: random.next() % UInt64(count)) }

    mutating func milliseconds(_ range: ClosedRange<UInt64>) -> Duration {
        .milliseconds(Int64(range.lowerBound + random.next() % (range.upperBound - range.lowerBound + 1)))
    }

    mutating func plan(_ item: Item, in range: ClosedRange<UInt64>) {
        agenda.add(item, at: now.advanced(by: milliseconds(range)) ?? .latest)
    }

    mutating func fail(_ what: String) { failures.append("seed \(seed), step \(steps): \(what)") }
}

/// What is to come, earliest first; of the same moment in the order it was planned.
struct Agenda<Item> {
    private var items: [(at: Timestamp, number: Int, item: Item)] = []
    private var next = 0

    mutating func add(_ item: Item, at moment: Timestamp) {
        next += 1
        var index = items.count
        while index > 0, items[index - 1].at <= moment { index -= 1 }
        items.insert((moment, next, item), at: index)
    }

    mutating func take() -> (at: Timestamp, item: Item)? { items.popLast().map { ($0.at, $0.item) } }
}

extension SimulatedWorld {
    /// Runs the storm, then calm weather until everything that can end has ended.
    mutating func run() {
        prepare()
        while failures.isEmpty, let (moment, item) = agenda.take() {
            now = moment
            steps += 1
            if isStormy, now >= stormEnd { calm() }
            if now >= end { break }
            take(item)
            check()
        }
        if failures.isEmpty { checkEnd() }
        trace.add(UInt64(steps))
    }

    static let begin = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    var stormEnd: Timestamp { Self.begin.advanced(by: .seconds(25)) ?? .latest }
    var end: Timestamp { Self.begin.advanced(by: .seconds(130)) ?? .latest }

    private mutating func prepare() {
        write(.control(.killSwitchReleased(KillSwitchReleased(order: order(.global)))), nil)
        write(health(.healthy), nil)
        plan(.start, in: 0...0)
        if script != nil {
            plan(.want(0), in: 500...500)
            return plan(.inspect, in: 60_000...60_000)
        }
        for index in 0..<2 + pick(3) { plan(.want(index), in: 500...12_000) }
        for _ in 0..<pick(7) { plan(.disturb, in: 0...22_000) }
        plan(.inspect, in: 15_000...20_000)
    }

    /// Faults stop: a healthy owner, a fresh view, no stop; only what is proved or held may be left.
    private mutating func calm() {
        isStormy = false
        releaseKill()
        write(.control(.emergencyStopCleared(EmergencyStopCleared(order: order(.global)))), nil)
        for index in processes.indices { processes[index].lags = false }
        plan(.start, in: 0...0)
        plan(.inspect, in: 40_000...40_000)
        for order in broker.orders where order.status != .replaced { plan(.stream(order), in: 1_000...3_000) }
    }

    mutating func take(_ item: Item) {
        switch item {
        case .start: start()
        case .tick(let process): tick(process)
        case .perform(let process, let action): perform(action, by: process)
        case .atRunner(let call): reachRunner(call)
        case .atBroker(let call): reachBroker(call)
        case .deliver(let process, let input): drive(process, input)
        case .expire(let call): expire(call)
        case .stream(let order): stream(order)
        case .fill(let id): if let order = broker.end(id, .filled) { show(order) }
        case .write(let content, let symbol): write(content, symbol)
        case .disturb: disturb()
        case .inspect: inspect()
        case .want(let index): want(index)
        }
    }

    func order(_ scope: Scope) -> ControlOrder {
        ControlOrder(scope: scope, actor: ActorName(trusted: "operator"), reason: Words.reason)
    }

    func health(_ health: HealthState) -> DomainEvent {
        .control(
            .runnerHealthObserved(
                RunnerHealthObserved(
                    order: order(.adapter(.lean)), address: Address(trusted: "http://runner"), health: health,
                    observedAt: now)))
    }

    /// Appends what somebody else writes.
    @discardableResult
    mutating func write(_ content: DomainEvent, _ symbol: Symbol?) -> EventID {
        eventCount += 1
        let id = EventID(high: 0xE0, low: eventCount)
        let account: AccountLabel? = symbol == nil ? nil : Words.account
        let envelope = Envelope(
            eventID: id, eventTime: now, ingestTime: now, account: account, symbol: symbol, source: Words.source,
            correlation: StoryID(high: 1, low: eventCount))
        let event = Event(envelope, content)
        trace.add(event)
        log.append(event)
        return id
    }
}

/// Names that every run uses.
enum Words {
    static let account = AccountLabel(trusted: "paper")
    static let source = SourceName(trusted: "simulation")
    static let symbols = [Symbol(trusted: "AAPL"), Symbol(trusted: "BTC/USD")]
    static let reason: Prose = {
        do { return try Prose("because") } catch { preconditionFailure("\(error)") }
    }()
}
