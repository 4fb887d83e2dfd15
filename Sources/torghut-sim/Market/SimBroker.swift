import Core
import Synchronization
import Threading

/// A refusal in Alpaca's words.
struct SimRefusal: Error {
    let status: Int
    let code: Int
    let message: String

    var json: Tree { .object(["code": .count(code), "message": .string(message)]) }

    static func invalid(_ message: String) -> SimRefusal { SimRefusal(status: 422, code: 40_010_001, message: message) }
    static func missing(_ id: String) -> SimRefusal {
        SimRefusal(status: 404, code: 40_410_000, message: "order not found for \(id)")
    }
    static let poor = SimRefusal(status: 403, code: 40_310_000, message: "insufficient buying power")
}

/// One message for `trade_updates`.
struct TradeUpdate: Sendable {
    let json: Tree
    /// Takes back or corrects an execution: whoever begins to listen is told of the latest ones again.
    var isAmendment = false
}

/// The simulated account, its orders and its market: everything that happens is decided under one lock, in the order
/// requests come.
final class SimBroker: Sendable {
    struct Quote: Sendable {
        var bid: Amount
        var ask: Amount
    }

    struct Position: Sendable {
        var qty = Amount.zero
        /// Signed money that went into it.
        var cost = Amount.zero
    }

    /// What is compared to know whether the books must say it again.
    struct Written: Sendable, Equatable {
        let cash: Amount
        let settings: SimSettings
        let untradable: Set<String>
    }

    struct State: Sendable {
        var settings = SimSettings()
        var dice: Dice
        var orders = TrackedRows<SimOrder>()
        var places: [String: Int] = [:]
        /// Places of open orders: most orders are over, and nobody should walk through them.
        var open: Set<Int> = []
        /// The newest order of each client order id.
        var byClientID: [String: Int] = [:]
        var quotes = TrackedTable<Quote>()
        var positions = TrackedTable<Position>()
        var executions = SimLedger()
        var lives = SimLives()
        var untradable: Set<String> = []
        var cash: Amount
        var outcomes: [Outcome] = []
        var log = AccessLog()
        var updates: [TradeUpdate] = []
        var lastTime = Timestamp.epoch
        var window: (start: Duration, count: Int) = (.zero, 0)
        /// As the books say it.
        var written: Written?
    }

    private let state: Mutex<State>
    private let time = SystemTime()
    /// Told of every update, in order.
    let hub: StreamHub
    private let books: BookFile?

    /// One without books forgets everything when it ends.
    init(seed: UInt64, cash: Amount, hub: StreamHub) {
        state = Mutex(State(dice: Dice(seed: seed), cash: cash))
        self.hub = hub
        books = nil
    }

    /// One that goes on where its books end; seed and cash count where there are none yet.
    init(keeping folder: String, grownAt limit: Int, seed: UInt64, cash: Amount, hub: StreamHub) throws {
        let (books, left) = try BookFile.open(folder, grownAt: limit, State(dice: Dice(seed: seed), cash: cash), hub)
        state = Mutex(left)
        self.hub = hub
        self.books = books
    }

    /// Changes the state and sends what follows from it; never two changes at once.
    ///
    /// With books nobody is told before it is on the disk: updates wait in `BookFile`, answers in `settled`.
    func change<Result>(_ body: (inout State, Timestamp) throws -> sending Result) rethrows -> sending Result {
        let now = time.now()
        return try state.withLock { state in
            // Times of orders only grow, unless the script wants several at one moment.
            let next = max(now, Timestamp(nanoseconds: state.lastTime.nanoseconds + 1_000))
            let moment = state.settings.freezesClock ? state.lastTime : next
            state.lastTime = moment
            defer { tell(&state) }
            return try body(&state, moment)
        }
    }

    private func tell(_ state: inout State) {
        if state.hasChanged, let page = BookPage(taking: &state) {
            if let books { books.append(page, state.updates) } else { hub.publish(state.updates) }
        }
        state.updates = []
    }

    /// Returns when everything that happened so far is on the disk.
    func settled() async { await books?.settled() }

    /// Whether this request is one too many in its minute.
    func isLimited() -> Bool {
        let uptime = time.uptime()
        return state.withLock { state in
            guard state.settings.requestsPerMinute > 0 else { return false }
            if uptime - state.window.start >= .seconds(60) { state.window = (uptime, 0) }
            state.window.count += 1
            return state.window.count > state.settings.requestsPerMinute
        }
    }
}
