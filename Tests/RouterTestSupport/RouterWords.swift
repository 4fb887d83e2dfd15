import Adapters
public import Commands
public import Core
public import Domain
public import Telemetry
import Threading
import Wire

/// How a test wants its router: the same for one in the test's process and one in a process of its own.
public struct RouterWords: Sendable {
    public var alpaca: String
    public var lean: String?
    public var settings: [String: String] = [
        "TRADING_EXECUTION_ADAPTER": "lean", "TRADING_EXECUTION_ADAPTER_POLICY": "all",
        "TRADING_LEAN_RUNNER_REQUIRE_HEALTHY": "false",
    ]
    /// Tests wait for deadlines: shorter ones than settings allow.
    public var deadline = Duration.milliseconds(400)
    public var margin = Duration.milliseconds(100)
    public var lookups = Duration.milliseconds(100)
    public var longestLookups = Duration.seconds(1)
    public var holdLimit = Duration.milliseconds(500)

    public init(alpaca: String, lean: String?) {
        self.alpaca = alpaca
        self.lean = lean
    }

    /// For what is not about time: however slow the machine is, no order's time is over.
    public var unhurried: RouterWords {
        var words = self
        words.deadline = .seconds(20)
        return words
    }

    public var policy: Policy {
        var given = settings
        given["APCA_API_BASE_URL"] = alpaca
        if let lean { given["TRADING_LEAN_RUNNER_URL"] = lean }
        var policy = Policy(settings: { [given] in given[$0] })
        policy.routing.timing.deadline = deadline
        policy.routing.timing.deadlineMargin = margin
        policy.routing.timing.lookupInterval = lookups
        policy.routing.timing.longestLookupInterval = longestLookups
        policy.routing.timing.holdLimit = holdLimit
        return policy
    }

    public func setup(
        _ log: any EventLog, registry: Registry, process: String, observer: any RouterObserver,
        localStop: @escaping LocalStopReading = { .none }
    ) -> RouterSetup {
        let policy = policy
        let time = SystemTime()
        let runner = lean.map { LEANSettings(address: $0) }
        let adapters = RouterAdapters(
            alpaca: AlpacaSettings(address: alpaca, keyID: Secret("key"), secretKey: Secret("secret")), lean: runner,
            policy: policy.routing, time: time)
        return RouterSetup(
            log: log, inForce: PolicyInForce(policy, mint: EventMint.mint), adapters: adapters,
            localStop: localStop, process: ProcessName(trusted: process), time: time,
            metrics: RouterMetrics(in: registry), observer: observer)
    }
}

extension RouterWords {
    /// As the words of a command line.
    public var arguments: [String: String] {
        var words = [
            "alpaca": alpaca, "deadline": "\(deadline / .milliseconds(1))", "margin": "\(margin / .milliseconds(1))",
            "lookups": "\(lookups / .milliseconds(1))", "hold": "\(holdLimit / .milliseconds(1))",
            "settings": settings.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ";"),
        ]
        words["lean"] = lean
        return words
    }

    public init(arguments words: [String: String]) {
        self.init(alpaca: words["alpaca"] ?? "", lean: words["lean"])
        func milliseconds(_ name: String, _ value: inout Duration) {
            if let number = words[name].flatMap(Double.init) { value = .milliseconds(Int(number)) }
        }
        milliseconds("deadline", &deadline)
        milliseconds("margin", &margin)
        milliseconds("lookups", &lookups)
        milliseconds("hold", &holdLimit)
        settings = [:]
        for pair in (words["settings"] ?? "").split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { settings[parts[0]] = parts[1] }
        }
    }
}
