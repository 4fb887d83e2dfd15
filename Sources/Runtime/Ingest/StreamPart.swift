internal import Adapters
internal import Core
internal import Domain
internal import Ingest

/// Our own connection to the broker's update stream: one process has it, the others stand by.
struct StreamPart: IngestPart {
    let name = "trade updates"
    private let house: House
    private let settings: StreamSettings
    private let watch: StreamWatch

    /// `nil` when nobody asked for it: then updates come from elsewhere, and nothing waits for ours.
    init?(_ house: House) throws(SettingsProblems) {
        watch = StreamWatch(house, part: name)
        guard let settings = try house.settings.stream() else {
            watch.isDisabled()
            return nil
        }
        self.house = house
        self.settings = settings
    }

    func run() async throws {
        let owner = SoleOwner(
            house: house, role: IngestRole.name, part: name, group: StreamNames.group(of: settings.place.account),
            standingBy: "another process has the stream")
        try await owner.work { try await listen() }
    }

    private func listen() async throws {
        house.board.set(IngestRole.name, part: name, .leaderStarting, "taking the lease")
        var context = StreamContext(
            log: house.log, place: settings.place,
            process: ProcessName(trusted: String(house.process.prefix(ProcessNameKind.maximumBytes))),
            time: house.time, observer: watch)
        context.limits = settings.limits
        try await AlpacaStream(context).run()
    }
}

/// What the stream's settings say.
struct StreamSettings {
    let place: StreamPlace
    let limits: StreamLimits
}

extension Settings {
    /// The names that the original has, and read by nobody else.
    static let streamNames = [
        "ENABLE_TRADE_UPDATES", "ALPACA_TRADE_STREAM_URL", "RECONNECT_BASE_MS", "RECONNECT_MAX_MS",
    ]

    /// `nil` without `ENABLE_TRADE_UPDATES`; everything that is wrong is named at once.
    func stream() throws(SettingsProblems) -> StreamSettings? {
        var reading = StreamReading(settings: self)
        let isEnabled = reading.flag("ENABLE_TRADE_UPDATES")
        guard isEnabled || !reading.problems.isEmpty else { return nil }
        let rest = policy.policy.routing.alpacaAddress?.text ?? ""
        let isHTTP = rest.hasPrefix("https://") || rest.hasPrefix("http://")
        if !isHTTP { reading.problems.append("APCA_API_BASE_URL is no address over HTTP") }
        let address = value(of: "ALPACA_TRADE_STREAM_URL") ?? "ws" + rest.dropFirst(4) + "/stream"
        if !address.hasPrefix("wss://"), !address.hasPrefix("ws://") {
            reading.problems.append("ALPACA_TRADE_STREAM_URL is no address of a WebSocket")
        }
        let keyID = reading.secret("APCA_API_KEY_ID")
        let secretKey = reading.secret("APCA_API_SECRET_KEY")
        var limits = StreamLimits()
        limits.firstPause = reading.milliseconds("RECONNECT_BASE_MS", default: 500, in: 10...60_000)
        limits.longestPause = reading.milliseconds("RECONNECT_MAX_MS", default: 30_000, in: 10...3_600_000)
        if limits.longestPause < limits.firstPause {
            reading.problems.append("RECONNECT_MAX_MS is less than RECONNECT_BASE_MS")
        }
        limits.lookback = reading.seconds("TRADING_STREAM_LOOKBACK_SECONDS", default: 86_400, in: 60...864_000)
        limits.overlap = reading.seconds("TRADING_STREAM_OVERLAP_SECONDS", default: 60, in: 1...3_600)
        let account: AccountLabel
        do { account = try accountLabel() } catch {
            throw SettingsProblems(problems: reading.problems + error.problems)
        }
        guard reading.problems.isEmpty else { throw SettingsProblems(problems: reading.problems) }
        return StreamSettings(
            place: StreamPlace(
                address: address, account: account, keyID: keyID, secretKey: secretKey,
                rest: AlpacaSettings(address: rest, keyID: keyID, secretKey: secretKey)),
            limits: limits)
    }
}

/// Reads settings of which a wrong one is a reason not to start.
private struct StreamReading {
    let settings: Settings
    var problems: [String] = []

    mutating func flag(_ name: String) -> Bool {
        switch settings.value(of: name)?.lowercased() {
        case nil, "false", "0", "no", "off", "n", "f": return false
        case "true", "1", "yes", "on", "y", "t": return true
        default:
            problems.append("\(name) is neither true nor false")
            return false
        }
    }

    mutating func secret(_ name: String) -> Secret<String> {
        let value = settings.value(of: name)
        if value == nil { problems.append("\(name) is not set, and the broker tells nothing without it") }
        return Secret(value ?? "")
    }

    mutating func milliseconds(_ name: String, default unset: Int64, in bounds: ClosedRange<Int64>) -> Duration {
        .milliseconds(number(name, unset, bounds))
    }

    mutating func seconds(_ name: String, default unset: Int64, in bounds: ClosedRange<Int64>) -> Duration {
        .seconds(number(name, unset, bounds))
    }

    private mutating func number(_ name: String, _ unset: Int64, _ bounds: ClosedRange<Int64>) -> Int64 {
        guard let text = settings.value(of: name) else { return unset }
        guard let number = Int64(text), bounds.contains(number) else {
            problems.append("\(name) is no whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
            return unset
        }
        return number
    }
}
