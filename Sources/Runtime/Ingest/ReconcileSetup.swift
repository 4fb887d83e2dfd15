internal import Adapters
internal import Core
internal import Domain
internal import Folding
internal import Ingest

/// What the settings say of reconciling: whom to ask, how often, and when to believe.
struct ReconcileSetup: Sendable {
    let account: AccountLabel
    let mode: TradingMode
    let limits: ReconcilerLimits
    private let alpaca: AlpacaSettings
    private let lean: LEANSettings?

    /// `nil` without the broker's credentials.
    init?(_ settings: Settings) throws(SettingsProblems) {
        let policy = settings.policy.policy
        let addresses = BrokerAddresses(settings, policy.routing)
        guard let alpaca = addresses.alpaca else { return nil }
        account = try settings.accountLabel()
        mode = policy.trading.mode
        var limits = ReconcilerLimits()
        var reading = ReconcileSettings(settings)
        let maximumAge = policy.trading.accountFactsMaximumAge
        // Decisions need the account younger than that, also when one round was late.
        let longest = max(100, min(3_600_000, Int64(maximumAge / .milliseconds(1)) / 2))
        limits.period = .milliseconds(
            reading.number("TRADING_RECONCILE_MS", min(15_000, longest), in: 100...longest))
        limits.grace = .milliseconds(reading.number("TRADING_RECONCILE_GRACE_MS", 10_000, in: 0...3_600_000))
        limits.silence = .seconds(reading.number("TRADING_RECONCILE_SILENCE_SECONDS", 300, in: 1...86_400))
        limits.requestsPerMinute = Int(
            reading.number("TRADING_RECONCILE_REQUESTS_PER_MINUTE", 60, in: 1...1_000_000))
        let books = 3 * (.seconds(60) / limits.period)
        reading.require(
            books <= Double(limits.requestsPerMinute) * 3 / 4,
            "TRADING_RECONCILE_REQUESTS_PER_MINUTE: list, account and positions of each TRADING_RECONCILE_MS take "
                + "\(Int(books.rounded(.up))) a minute, and a quarter is kept for single orders: allow "
                + "\(Int((books * 4 / 3).rounded(.up))), or ask less often")
        // Whoever decides must find them young enough, also when one round was late.
        limits.accountInterval = min(limits.accountInterval, maximumAge / 3)
        limits.singleReads = min(limits.singleReads, maximumAge / 4)
        try reading.check()
        self.limits = limits
        // Questions are asked one after another.
        var (orders, inquiries) = (alpaca, addresses.lean)
        orders.limits = alpaca.limits.bounded(by: limits.callTimeout, concurrency: 1)
        inquiries?.limits = (addresses.lean?.limits ?? alpaca.limits).bounded(by: limits.callTimeout, concurrency: 1)
        self.alpaca = orders
        lean = inquiries
    }

    func context(
        log: any EventLog, time: any TimeSource, snapshots: SnapshotStore, observer: any ReconcilerObserver
    ) -> ReconcilerContext {
        let books = AlpacaAdapter(alpaca, time: time)
        var adapters: [Adapter: any OrderAdapter] = [.alpaca: books]
        if let lean { adapters[.lean] = LEANAdapter(lean, time: time) }
        var context = ReconcilerContext(
            log: log, account: account, mode: mode, books: books, adapters: adapters, time: time,
            snapshots: snapshots, observer: observer)
        context.limits = limits
        return context
    }
}

/// Numbers among the settings, with every problem named at once.
private struct ReconcileSettings {
    private let settings: Settings
    private var problems: [String] = []

    init(_ settings: Settings) { self.settings = settings }

    mutating func number(_ name: String, _ unset: Int64, in range: ClosedRange<Int64>) -> Int64 {
        guard let text = settings.value(of: name) else { return unset }
        guard let number = Int64(text), range.contains(number) else {
            problems.append("\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
            return unset
        }
        return number
    }

    mutating func require(_ holds: Bool, _ problem: String) {
        if !holds { problems.append(problem) }
    }

    func check() throws(SettingsProblems) {
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
    }
}

extension Settings {
    /// Whoever has the broker's credentials reconciles, unless he says otherwise.
    func isReconciling() throws(SettingsProblems) -> Bool {
        switch value(of: "TRADING_RECONCILE_ENABLED")?.lowercased() {
        case nil, "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default: throw SettingsProblems(problems: ["TRADING_RECONCILE_ENABLED is neither true nor false"])
        }
    }
}
