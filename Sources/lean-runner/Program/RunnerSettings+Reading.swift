import Adapters
import Core
import HTTPServer

/// Reads settings, and gathers everything that is wrong with them.
struct SettingsReader {
    let options: GivenOptions
    let environment: [String: String]
    var problems: [String] = []

    /// The option, or else the variable; an empty one counts as none.
    func text(_ option: String?, _ variable: String?) -> String? {
        if let option, let value = options[option] { return value.isEmpty ? nil : value }
        guard let variable, let value = environment[variable], !value.isEmpty else { return nil }
        return value
    }

    mutating func number(
        _ option: String?, _ variable: String, or standard: Int, in range: ClosedRange<Int>
    ) -> Int {
        guard let text = text(option, variable) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            let name = option.flatMap { options[$0] == nil ? nil : "--\($0)" } ?? variable
            problems.append("\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
            return standard
        }
        return number
    }

    mutating func seconds(
        _ option: String?, _ variable: String, or standard: Duration, in range: ClosedRange<Int>
    ) -> Duration {
        .seconds(number(option, variable, or: Int(standard.components.seconds), in: range))
    }

    /// True also when it is neither true nor false: a stop that somebody meant must not be missed.
    func isEngaged(_ variable: String) -> Bool {
        switch environment[variable]?.lowercased() {
        case nil, "", "false", "0", "no", "off": false
        default: true
        }
    }

    mutating func address(_ option: String?, _ variable: String) -> String? {
        guard var text = text(option, variable) else { return nil }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else {
            problems.append("\(variable) is no address over HTTP")
            return nil
        }
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}

extension RunnerSettings {
    static let valued: Set<String> = [
        "host", "port", "data", "latch-folder", "broker-url", "token-file", "drain-seconds", "drill-kill-at",
    ]

    init(
        _ options: GivenOptions, environment: [String: String], readFile: (String) -> String?
    ) throws(UsageProblems) {
        var reader = SettingsReader(options: options, environment: environment)
        host = reader.text("host", "LEAN_RUNNER_HOST") ?? host
        port = UInt16(reader.number("port", "LEAN_RUNNER_PORT", or: Int(port), in: 0...65_535))
        dataFolder = reader.text("data", "LEAN_RUNNER_DATA_DIR") ?? dataFolder
        latchFolder = reader.text("latch-folder", "TORGHUT_DATA_DIR")
        isKilledByEnvironment = reader.isEngaged("TRADING_KILL_SWITCH_ENABLED")
        token = Self.token(&reader, readFile)
        identity = Self.identity(&reader)
        readBroker(&reader)
        readUpstreams(&reader)
        readLimits(&reader)
        backtests = BacktestSettings(&reader)
        if let step = reader.text("drill-kill-at", nil) {
            drill = SubmitStep(rawValue: step)
            if drill == nil {
                let steps = SubmitStep.allCases.map(\.rawValue).joined(separator: ", ")
                reader.problems.append("--drill-kill-at is one of \(steps)")
            }
        }
        if token == nil, !host.hasPrefix("127.") {
            reader.problems.append("beyond this machine (--host \(host)) the runner needs a token")
        }
        guard reader.problems.isEmpty else { throw UsageProblems(list: reader.problems) }
    }

    private static func token(_ reader: inout SettingsReader, _ readFile: (String) -> String?) -> Secret<String>? {
        guard let path = reader.text("token-file", "TRADING_LEAN_RUNNER_TOKEN_FILE") else {
            return reader.text(nil, "TRADING_LEAN_RUNNER_TOKEN").map { Secret($0) }
        }
        guard let text = readFile(path).map(RunnerCall.trimmed), !text.isEmpty else {
            reader.problems.append("the token's file \(path) cannot be read, or is empty")
            return nil
        }
        return Secret(text)
    }

    private static func identity(_ reader: inout SettingsReader) -> HTTPServerIdentity? {
        switch (reader.text(nil, "LEAN_RUNNER_CERT"), reader.text(nil, "LEAN_RUNNER_KEY")) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return HTTPServerIdentity(certificate: certificate, key: key)
        default:
            reader.problems.append("LEAN_RUNNER_CERT and LEAN_RUNNER_KEY belong together")
            return nil
        }
    }

    private mutating func readBroker(_ reader: inout SettingsReader) {
        let mode = environmentMode(&reader)
        broker.address =
            reader.address("broker-url", "APCA_API_BASE_URL")
            ?? (mode == "live" ? AlpacaSettings.live : AlpacaSettings.paper)
        if broker.address.hasSuffix("/v2") { broker.address.removeLast(3) }
        broker.keyID = reader.text(nil, "APCA_API_KEY_ID").map { Secret($0) }
        broker.secretKey = reader.text(nil, "APCA_API_SECRET_KEY").map { Secret($0) }
        if broker.keyID == nil || broker.secretKey == nil {
            reader.problems.append("APCA_API_KEY_ID and APCA_API_SECRET_KEY are needed for the broker")
        }
        broker.timeout = reader.seconds(
            nil, "LEAN_RUNNER_BROKER_TIMEOUT_SECONDS", or: broker.timeout, in: 1...300)
        broker.concurrency = reader.number(
            nil, "LEAN_RUNNER_BROKER_CONCURRENCY", or: broker.concurrency, in: 1...1_024)
    }

    private func environmentMode(_ reader: inout SettingsReader) -> String {
        switch reader.environment["TRADING_MODE"]?.lowercased() {
        case nil, "", "paper": return "paper"
        case "live": return "live"
        default:
            reader.problems.append("TRADING_MODE is neither paper nor live")
            return "paper"
        }
    }

    private mutating func readUpstreams(_ reader: inout SettingsReader) {
        upstreams.backtest = reader.address(nil, "TRADING_LEAN_BACKTEST_UPSTREAM_URL")
        upstreams.shadow = reader.address(nil, "TRADING_LEAN_SHADOW_UPSTREAM_URL")
        upstreams.strategyShadow = reader.address(nil, "TRADING_LEAN_STRATEGY_SHADOW_UPSTREAM_URL")
        upstreams.timeout = reader.seconds(
            nil, "TRADING_LEAN_RUNNER_UPSTREAM_TIMEOUT_SECONDS", or: upstreams.timeout, in: 1...300)
        launcher.command = reader.text(nil, "LEAN_LAUNCHER_COMMAND")
        launcher.timeout = reader.seconds(
            nil, "LEAN_LAUNCHER_TIMEOUT_SECONDS", or: launcher.timeout, in: 1...86_400)
        launcher.maximumOutputBytes = Int64(
            reader.number(
                nil, "LEAN_LAUNCHER_MAX_OUTPUT_BYTES", or: Int(launcher.maximumOutputBytes), in: 1...(1 << 40)))
    }

    private mutating func readLimits(_ reader: inout SettingsReader) {
        limits.drain = reader.seconds("drain-seconds", "LEAN_RUNNER_DRAIN_SECONDS", or: limits.drain, in: 0...600)
        limits.maximumConnections = reader.number(
            nil, "LEAN_RUNNER_MAX_CONNECTIONS", or: limits.maximumConnections, in: 8...10_000)
        limits.maximumKeys = reader.number(
            nil, "LEAN_RUNNER_LEDGER_MAX_KEYS", or: limits.maximumKeys, in: 10...10_000_000)
        limits.maximumAnswerBytes = reader.number(
            nil, "LEAN_RUNNER_LEDGER_MAX_ANSWER_BYTES", or: limits.maximumAnswerBytes, in: (1 << 20)...(1 << 40))
        // Twice the furthest deadline at least: see docs/lean-runner.md on what is forgotten when.
        limits.horizon = reader.seconds(
            nil, "LEAN_RUNNER_LEDGER_HORIZON_SECONDS", or: limits.horizon, in: 7_200...8_640_000)
        limits.margin = reader.seconds(
            nil, "TRADING_EXECUTION_DEADLINE_MARGIN_SECONDS", or: limits.margin, in: 1...300)
        limits.lookupInterval = reader.seconds(
            nil, "TRADING_EXECUTION_LOOKUP_INTERVAL_SECONDS", or: limits.lookupInterval, in: 2...300)
    }
}
