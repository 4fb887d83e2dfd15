internal import Core
internal import HTTPClient

/// Where ClickHouse is and what of it is watched, under the names of the original's exporter.
public struct ClickHouseSettings: Sendable {
    static let urlName = "CLICKHOUSE_URL"
    public static let names = [
        urlName, "CLICKHOUSE_USER", "CLICKHOUSE_PASSWORD", "CLICKHOUSE_DATABASE", "CLICKHOUSE_CLUSTER",
        "CLICKHOUSE_PORT", "CLICKHOUSE_CA_FILE", "CLICKHOUSE_PLAIN_HTTP", "CLICKHOUSE_TIMEOUT_SECONDS",
        "CLICKHOUSE_SCRAPE_INTERVAL_SECONDS", "CLICKHOUSE_FRESHNESS_QUERY_MODE", "CLICKHOUSE_DISK_NAME",
        "CLICKHOUSE_REPLICATED_TABLES",
    ]

    /// How the newest row of a table is found.
    public enum FreshnessMode: String, CaseIterable, Sendable {
        /// By a query over the rows, and by the parts where that fails.
        case auto
        case precise
        /// By what ClickHouse knows of its parts: costs nothing, and is right to a second.
        case lowMemory = "low_memory"
    }

    /// Its scheme and host, and its port where it names one.
    let address: ServiceAddress
    let user: String
    let password: Secret<String>?
    let database: String
    /// Whose replicas are asked one by one; the address alone is asked where there is no such cluster.
    let cluster: String
    /// Where replicas answer over HTTP.
    let port: UInt16
    let trust: HTTPTrust
    /// For one question.
    let timeout: Duration
    let interval: Duration
    let mode: FreshnessMode
    let disk: String
    /// Which tables must not be read-only; empty: all of the database.
    let replicated: [String]

    /// `nil`: nobody named a ClickHouse.
    public static func read(_ settings: Settings) throws(SettingsProblems) -> ClickHouseSettings? {
        guard let url = settings.value(of: urlName) else { return nil }
        return try ClickHouseSettings(url, settings)
    }

    private init(_ url: String, _ settings: Settings) throws(SettingsProblems) {
        var reading = ClickHouseReading(settings: settings)
        address = reading.address(Self.urlName, url)
        user = settings.value(of: "CLICKHOUSE_USER") ?? "default"
        password = settings.value(of: "CLICKHOUSE_PASSWORD").map { Secret($0) }
        database = reading.name("CLICKHOUSE_DATABASE", "torghut")
        cluster = reading.name("CLICKHOUSE_CLUSTER", "default")
        port = UInt16(reading.number("CLICKHOUSE_PORT", Int(address.port), 1...65_535))
        timeout = .seconds(reading.number("CLICKHOUSE_TIMEOUT_SECONDS", 10, 1...60))
        interval = .seconds(reading.number("CLICKHOUSE_SCRAPE_INTERVAL_SECONDS", 30, 1...3_600))
        mode = reading.mode("CLICKHOUSE_FRESHNESS_QUERY_MODE")
        disk = reading.name("CLICKHOUSE_DISK_NAME", "default")
        replicated = reading.list("CLICKHOUSE_REPLICATED_TABLES")
        trust = HTTPTrust(
            authorities: settings.value(of: "CLICKHOUSE_CA_FILE"),
            plainBeyondLoopback: reading.flag("CLICKHOUSE_PLAIN_HTTP"))
        if reading.problems.isEmpty, let objection = trust.objection(to: address.url) {
            reading.problems.append("\(Self.urlName): \(objection); CLICKHOUSE_PLAIN_HTTP=true allows it")
        }
        guard reading.problems.isEmpty else { throw SettingsProblems(problems: reading.problems) }
    }
}

/// A service by its scheme, host and port.
struct ServiceAddress: Sendable, Equatable {
    let scheme: String
    let host: String
    let port: UInt16

    var url: String { "\(scheme)://\(host):\(port)/" }
}

/// Settings as they are read, with all that is wrong with them.
private struct ClickHouseReading {
    let settings: Settings
    var problems: [String] = []

    mutating func address(_ name: String, _ url: String) -> ServiceAddress {
        let usual: [String: UInt16] = ["http": 8123, "https": 8443]
        let parts = url.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isBare = parts.count == 3 || (parts.count == 4 && parts[3].isEmpty)
        guard isBare, parts[1].isEmpty, let port = usual[String(parts[0].dropLast())], parts[0].hasSuffix(":"),
            let found = Self.host(parts[2], port)
        else {
            // What was given may hold a password.
            problems.append("\(name) is http://HOST:PORT or https://HOST:PORT, and nothing more")
            return ServiceAddress(scheme: "http", host: "127.0.0.1", port: 8123)
        }
        return ServiceAddress(scheme: String(parts[0].dropLast()), host: found.host, port: found.port)
    }

    private static func host(_ text: String, _ usual: UInt16) -> (host: String, port: UInt16)? {
        guard !text.isEmpty, !text.contains(where: { "@?#".contains($0) }) else { return nil }
        // The colons of an address in brackets are its own.
        guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") else { return (text, usual) }
        guard let port = UInt16(text[colon...].dropFirst()), port > 0, colon > text.startIndex else { return nil }
        return (String(text[..<colon]), port)
    }

    /// What stands between quotes in a query: letters, digits and a few signs.
    mutating func name(_ setting: String, _ usual: String) -> String {
        let given = settings.value(of: setting) ?? usual
        guard Self.isName(given) else {
            problems.append("\(setting) has letters, digits, '_', '-' and '.', and is not '\(given)'")
            return usual
        }
        return given
    }

    mutating func list(_ setting: String) -> [String] {
        let given = (settings.value(of: setting) ?? "").split(separator: ",").map(String.init)
        guard given.allSatisfy(Self.isName) else {
            problems.append("\(setting) is a list of tables, separated by commas")
            return []
        }
        return given
    }

    private static func isName(_ text: String) -> Bool {
        text.utf8.count <= 128 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
    }

    mutating func number(_ setting: String, _ usual: Int, _ range: ClosedRange<Int>) -> Int {
        guard let given = settings.value(of: setting) else { return usual }
        guard let number = Int(given), range.contains(number) else {
            problems.append("\(setting) is a number from \(range.lowerBound) to \(range.upperBound), not '\(given)'")
            return usual
        }
        return number
    }

    mutating func flag(_ setting: String) -> Bool {
        switch settings.value(of: setting)?.lowercased() {
        case nil, "false", "0": return false
        case "true", "1": return true
        case let given?:
            problems.append("\(setting) is true or false, not '\(given)'")
            return false
        }
    }

    mutating func mode(_ setting: String) -> ClickHouseSettings.FreshnessMode {
        guard let given = settings.value(of: setting) else { return .auto }
        if let mode = ClickHouseSettings.FreshnessMode(rawValue: given) { return mode }
        let known = ClickHouseSettings.FreshnessMode.allCases.map(\.rawValue)
        problems.append("\(setting) is one of \(known.joined(separator: ", ")), not '\(given)'")
        return .auto
    }
}
