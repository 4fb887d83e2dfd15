internal import Core
internal import Domain
internal import Ingest
internal import Telemetry

/// Quotes from the broker's market data, for whoever needs the price at a moment: off unless somebody asks for it.
struct QuotesPart: IngestPart {
    /// The broker tells quotes of shares and of crypto at different addresses: one connection for each.
    private enum Market: CaseIterable {
        case shares
        case crypto

        var name: String { self == .shares ? "quotes" : "quotes-crypto" }
        var setting: String { self == .shares ? "TRADING_QUOTES_STREAM_URL" : "TRADING_QUOTES_CRYPTO_STREAM_URL" }
        var standard: String {
            self == .shares
                ? "wss://stream.data.alpaca.markets/v2/iex" : "wss://stream.data.alpaca.markets/v1beta3/crypto/us"
        }
        var assets: AssetClass { self == .shares ? .equity : .crypto }
    }

    let name: String
    private let house: House
    private let address: String
    private let symbols: [Symbol]
    private let watch: QuotesWatch

    private init(_ house: House, _ market: Market, _ address: String, _ symbols: [Symbol], _ counts: QuotesMetrics) {
        name = market.name
        self.house = house
        self.address = address
        self.symbols = symbols
        watch = QuotesWatch(house, part: market.name, counts)
    }

    /// None when nobody asked for quotes, and one for each market that has a symbol; everything that is wrong is named
    /// at once.
    static func parts(_ house: House) throws(SettingsProblems) -> [any IngestPart] {
        let settings = house.settings
        switch settings.value(of: "TRADING_QUOTES_ENABLED")?.lowercased() {
        case nil, "false", "0", "no", "off": return []
        case "true", "1", "yes", "on": break
        default: throw SettingsProblems(problems: ["TRADING_QUOTES_ENABLED is neither true nor false"])
        }
        var problems: [String] = []
        for key in BrokerAddresses.credentials where settings.value(of: key) == nil {
            problems.append("\(key) is not set, and the broker tells nothing without it")
        }
        let list = settings.value(of: "TRADING_QUOTES_SYMBOLS") ?? settings.value(of: "TRADING_STATIC_SYMBOLS") ?? ""
        var symbols: [Symbol] = []
        for text in list.split(whereSeparator: { $0 == "," || $0 == " " }) {
            do { symbols.append(try Symbol(String(text))) } catch {
                problems.append("TRADING_QUOTES_SYMBOLS: '\(text)': \(error)")
            }
        }
        if symbols.isEmpty { problems.append("TRADING_QUOTES_SYMBOLS is empty") }
        let counts = QuotesMetrics(in: house.registry)
        var parts: [QuotesPart] = []
        for market in Market.allCases {
            let address = settings.value(of: market.setting) ?? market.standard
            if !address.hasPrefix("wss://"), !address.hasPrefix("ws://") {
                problems.append("\(market.setting) is no address of a WebSocket")
            }
            let ofMarket = symbols.filter { AssetClass(of: $0) == market.assets }
            if !ofMarket.isEmpty { parts.append(QuotesPart(house, market, address, ofMarket, counts)) }
        }
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
        return parts
    }

    func run() async throws {
        let owner = SoleOwner(
            house: house, role: IngestRole.name, part: name, group: "torghut-\(name)",
            standingBy: "another process has the quotes")
        try await owner.work { try await listen() }
    }

    private func listen() async throws {
        house.board.set(IngestRole.name, part: name, .leaderStarting, "dialling")
        let keys = BrokerAddresses.credentials.map { Secret(house.settings.value(of: $0) ?? "") }
        try await QuoteStream(
            QuoteStreamContext(
                log: house.log, address: address, symbols: symbols, keyID: keys[0], secretKey: keys[1],
                time: house.time, observer: watch,
                writerName: "torghut.\(name)")
        ).run()
    }
}

/// Hears what the stream of quotes does.
private struct QuotesWatch: QuoteStreamObserver {
    private let house: House
    private let part: String
    private let counts: QuotesMetrics

    init(_ house: House, part: String, _ counts: QuotesMetrics) {
        self.house = house
        self.part = part
        self.counts = counts
    }

    func wrote(_ quotes: Int) {
        counts.written.increment(by: UInt64(quotes))
        house.board.progressed(.ingest)
    }

    func dropped(_ quotes: Int) { counts.lost.increment(by: UInt64(quotes)) }

    func noted(_ note: QuoteStreamNote) {
        switch note {
        case .listening(let symbols):
            house.logbook.info("quotes_listening", ["symbols": .integer(symbols)])
            house.board.set(.ingest, part: part, .running)
        case .ended(let why, let pause):
            counts.ends.increment()
            house.logbook.warning("quotes_ended", ["why": .text(why), "pause": .duration(pause)])
            house.board.set(.ingest, part: part, .degraded, why)
        case .retrying(let error):
            house.logbook.warning("quotes_retrying", ["why": .failure(error)])
            house.board.set(.ingest, part: part, .degraded, error.description)
        case .fenced: house.logbook.error("quotes_fenced", [:])
        }
    }
}

/// What is counted of all markets together.
struct QuotesMetrics {
    let written: Counter
    let lost: Counter
    let ends: Counter

    init(in registry: Registry) {
        written = registry.counter("torghut_quotes_written_total", "Quotes that became durable.")
        lost = registry.counter("torghut_quotes_dropped_total", "Quotes that found no room.")
        ends = registry.counter("torghut_quotes_connections_ended_total", "Connections for quotes that ended.")
    }
}
