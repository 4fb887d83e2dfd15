internal import Core
public import HTTPClient

/// Where the neighbours are, and how old what they hold may be; what is not named is not asked.
public struct DownstreamSettings: Sendable {
    /// Where somebody answers over HTTP.
    struct Place: Sendable {
        let setting: String
        /// Without a slash at its end.
        let address: String
    }

    struct Flink: Sendable {
        let place: Place
        let jobs: [String]
        let maximumCheckpointAge: Duration
    }

    struct Scheduler: Sendable {
        let place: Place
        let token: Secret<String>?
    }

    static let flinkSetting = "TORGHUT_FLINK_URL"
    static let schedulerSetting = "TORGHUT_SCHEDULER_URL"
    static let prometheusSetting = "TORGHUT_PROMETHEUS_URL"
    static let names = [
        flinkSetting, "TORGHUT_FLINK_JOBS", "TORGHUT_FLINK_CHECKPOINT_MAX_AGE_SECONDS",
        "TORGHUT_CLICKHOUSE_MAX_LAG_SECONDS", schedulerSetting, "TORGHUT_SCHEDULER_TOKEN", prometheusSetting,
    ]
    /// The name of the job that deploy/flink makes.
    static let standardJob = "torghut-downstream"
    static let maximumJobs = 32
    static let maximumAddressBytes = 2_048
    static let maximumNameBytes = 256

    let flink: Flink?
    /// Where it is, as whoever watches it is told.
    let clickhouse: ClickHouseSettings?
    /// What is younger may be missing in ClickHouse.
    let maximumLag: Duration
    let scheduler: Scheduler?
    let prometheus: Place?
    let trust: HTTPTrust
    let limits: HTTPLimits

    /// Names everything that is wrong at once; `timeout` is for each question.
    public init(_ settings: Settings, trust: HTTPTrust, timeout: Duration) throws(SettingsProblems) {
        var reading = Reading(settings: settings, trust: trust)
        if let place = reading.place(Self.flinkSetting) {
            flink = Flink(
                place: place, jobs: reading.jobs(),
                maximumCheckpointAge: reading.seconds("TORGHUT_FLINK_CHECKPOINT_MAX_AGE_SECONDS", 180))
        } else {
            flink = nil
        }
        maximumLag = reading.seconds("TORGHUT_CLICKHOUSE_MAX_LAG_SECONDS", 120)
        clickhouse = reading.clickhouse()
        if let place = reading.place(Self.schedulerSetting) {
            scheduler = Scheduler(place: place, token: reading.secret("TORGHUT_SCHEDULER_TOKEN"))
        } else {
            scheduler = nil
        }
        prometheus = reading.place(Self.prometheusSetting)
        self.trust = trust
        limits = HTTPLimits(
            connectTimeout: min(timeout, .seconds(3)), firstByteTimeout: timeout, totalTimeout: timeout,
            maximumResponseBytes: 4 << 20)
        guard reading.problems.isEmpty else { throw SettingsProblems(problems: reading.problems) }
    }
}

extension DownstreamSettings {
    /// Reads one setting after the other and gathers what is wrong; a secret is never part of what it says.
    private struct Reading {
        let settings: Settings
        let trust: HTTPTrust
        var problems: [String] = []

        mutating func place(_ name: String) -> Place? {
            guard var address = settings.value(of: name) else { return nil }
            while address.hasSuffix("/") { address.removeLast() }
            if let objection = objection(to: address) {
                problems.append("\(name): \(objection)")
                return nil
            }
            return Place(setting: name, address: address)
        }

        private func objection(to address: String) -> String? {
            guard address.utf8.count <= maximumAddressBytes else {
                return "an address has at most \(maximumAddressBytes) bytes"
            }
            guard address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3F && $0 != 0x23 }) else {
                return "an address of a server has no white space, no question and no fragment"
            }
            return trust.objection(to: address)
        }

        mutating func seconds(_ name: String, _ standard: Int64) -> Duration {
            guard let text = settings.value(of: name) else { return .seconds(standard) }
            guard let number = Int64(text), (1...86_400).contains(number) else {
                problems.append("\(name) is a number of seconds from 1 to 86400, not '\(text.prefix(32))'")
                return .seconds(standard)
            }
            return .seconds(number)
        }

        mutating func clickhouse() -> ClickHouseSettings? {
            do { return try ClickHouseSettings.read(settings) } catch {
                problems += error.problems
                return nil
            }
        }

        mutating func secret(_ name: String) -> Secret<String>? {
            guard let text = settings.value(of: name) else { return nil }
            if !isLine(text) { problems.append("\(name) is one line of at most \(maximumNameBytes) bytes") }
            return Secret(text)
        }

        mutating func jobs() -> [String] {
            let text = settings.value(of: "TORGHUT_FLINK_JOBS") ?? standardJob
            let jobs = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
            if jobs.isEmpty || jobs.count > maximumJobs || !jobs.allSatisfy(isLine) {
                problems.append("TORGHUT_FLINK_JOBS names 1 to \(maximumJobs) jobs, with commas between them")
            }
            return jobs
        }

        private func isLine(_ text: String) -> Bool {
            text.utf8.count <= maximumNameBytes && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
