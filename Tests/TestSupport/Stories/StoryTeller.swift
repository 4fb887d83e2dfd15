public import Core
public import Domain
import Wire

/// Tells the lives of orders as a log would hold them: many at a time, each in its own order.
///
/// The same seed tells the same events on every machine. A life is some eight events over the four topics of its
/// symbol; now and then something else happens: shadows, backtests, verdicts, control.
public struct StoryTeller: Sequence, IteratorProtocol, Sendable {
    public struct Settings: Sendable {
        public var seed: UInt64
        public var orders: Int
        public var symbols: Int
        public var accounts: Int
        /// How many lives go on at the same time.
        public var open: Int
        /// Whether only the events of orders are told, and nothing odd: for measuring.
        public var isPlain: Bool
        /// From the beginning of one order to that of the next.
        public var apart: Duration

        public init(
            seed: UInt64 = 1, orders: Int, symbols: Int = 8, accounts: Int = 2, open: Int = 20, isPlain: Bool = false,
            apart: Duration = .milliseconds(7)
        ) {
            self.seed = seed
            self.orders = orders
            self.symbols = symbols
            self.accounts = accounts
            self.open = open
            self.isPlain = isPlain
            self.apart = apart
        }
    }

    private struct Life: Sendable {
        var events: [Event]
        var next = 0
    }

    private let settings: Settings
    private var random: SplitMix64
    private var told = 0
    private var lives: [Life] = []

    public init(_ settings: Settings) {
        self.settings = settings
        random = SplitMix64(seed: settings.seed)
    }

    public mutating func next() -> Event? {
        while lives.count < settings.open, told < settings.orders { begin() }
        guard !lives.isEmpty else { return nil }
        let index = Int(random.next() % UInt64(lives.count))
        let event = lives[index].events[lives[index].next]
        lives[index].next += 1
        if lives[index].next == lives[index].events.count {
            lives.swapAt(index, lives.count - 1)
            lives.removeLast()
        }
        return event
    }

    private mutating func begin() {
        let number = told
        told += 1
        let account = AccountLabel(
            trusted: random.next() % 4 == 0 && settings.accounts > 1 ? "paper-\(number % settings.accounts)" : "paper")
        let symbol = Self.symbol(Int(random.next() % UInt64(settings.symbols)))
        let start = Int64(number) * Int64(settings.apart / .nanoseconds(1))
        var life = OrderLife(seed: random.next(), number: number, account: account, symbol: symbol, after: start)
        if settings.isPlain { life.tellPlainly() } else { life.tell() }
        lives.append(Life(events: life.events))
        guard !settings.isPlain else { return }
        var side = SideStory(of: life, number: number)
        side.tell()
        if !side.events.isEmpty { lives.append(Life(events: side.events)) }
    }

    static let known = ["AAPL", "BTC/USD", "MSFT", "ETH/USD", "SPY", "AAPL260320C00190000", "TSLA", "NVDA"]

    static func symbol(_ number: Int) -> Symbol {
        Symbol(trusted: number < known.count ? known[number] : "S\(number)")
    }
}

extension StoryTeller {
    /// The events as records, in the order they are told.
    public static func records(_ settings: Settings) -> [NewRecord] {
        var encoder = EventEncoder()
        return StoryTeller(settings).map { encoder.record($0) }
    }
}
