internal import Core
internal import Domain
internal import Ingest
internal import Kafka

/// What the environment says of the order feed, under the original's names.
struct OrderFeedSettings: Sendable {
    /// A cluster that forwarders write to, where that is not the log.
    struct Foreign: Sendable {
        var kafka: KafkaSettings
        var group: String
        /// Which topic of ours takes the messages of which of theirs.
        var topics: [String: CatalogTopic]
        var limits: ImportLimits
    }

    private static let prefix = "TRADING_ORDER_FEED_"

    private(set) var isEnabled = true
    private(set) var scope: FeedScope
    private(set) var foreign: Foreign?
    private(set) var firstStart: FirstStart

    /// `process` is who chooses where a feed begins that was never read.
    init(_ settings: Settings, process: String) throws(SettingsProblems) {
        var problems: [String] = []
        let account = Self.account(settings, &problems)
        scope = FeedScope(account: account, accounts: Self.accounts(settings, &problems))
        let place = settings.value(of: Self.prefix + "AUTO_OFFSET_RESET")
        if let place, FirstStart.Place(rawValue: place) == nil {
            problems.append("\(Self.prefix)AUTO_OFFSET_RESET: '\(place)' is neither earliest nor latest")
        }
        firstStart = FirstStart(
            place.flatMap { FirstStart.Place(rawValue: $0) } ?? .earliest,
            actor: ActorName(trusted: String(process.prefix(ActorNameKind.maximumBytes))),
            source: place == nil ? .default : .environment, configHash: settings.policy.configHash)
        readSwitch(settings, &problems)
        foreign = Self.foreign(settings, &problems)
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
    }

    /// Unset it feeds from the log.
    ///
    /// Said to be on, on Kafka, it wants to know where from: the original did nothing then, and nobody noticed.
    private mutating func readSwitch(_ settings: Settings, _ problems: inout [String]) {
        guard let text = settings.value(of: Self.prefix + "ENABLED") else { return }
        switch text.lowercased() {
        case "true", "1", "yes", "on":
            guard case .kafka = settings.log, settings.value(of: Self.prefix + "BOOTSTRAP_SERVERS") == nil else {
                return
            }
            problems.append(
                "\(Self.prefix)BOOTSTRAP_SERVERS is not set, and \(Self.prefix)ENABLED asks for a feed from another "
                    + "cluster; name it, or leave \(Self.prefix)ENABLED out to feed from the log itself")
        case "false", "0", "no", "off": isEnabled = false
        default: problems.append("\(Self.prefix)ENABLED: '\(text)' is neither true nor false")
        }
    }

    private static func account(_ settings: Settings, _ problems: inout [String]) -> AccountLabel {
        do { return try settings.accountLabel() } catch {
            problems += error.problems
            return AccountLabel(trusted: "paper")
        }
    }

    private static func accounts(_ settings: Settings, _ problems: inout [String]) -> Set<AccountLabel> {
        var accounts: Set<AccountLabel> = []
        for part in (settings.value(of: prefix + "ACCOUNTS") ?? "").split(separator: ",") {
            let rest = part.trimmingPrefix(while: \.isWhitespace)
            let name = String(rest.reversed().trimmingPrefix(while: \.isWhitespace).reversed())
            do { accounts.insert(try AccountLabel(name)) } catch {
                problems.append("\(prefix)ACCOUNTS: '\(name)': \(error)")
            }
        }
        return accounts
    }
}

/// Another cluster.
extension OrderFeedSettings {
    private static func foreign(_ settings: Settings, _ problems: inout [String]) -> Foreign? {
        guard let servers = settings.value(of: prefix + "BOOTSTRAP_SERVERS") else {
            for name in ["TOPIC", "TOPIC_V2"] {
                guard let topic = settings.value(of: prefix + name), ours(name).name != topic else { continue }
                problems.append("\(prefix)\(name) is '\(topic)', and the log's own topic is \(ours(name).name)")
            }
            return nil
        }
        if case .kafka(servers) = settings.log {
            problems.append("\(prefix)BOOTSTRAP_SERVERS names the log itself; leave it out to feed from there")
        }
        var kafka = KafkaSettings(bootstrap: servers, properties: properties(settings))
        kafka.clientID = settings.value(of: prefix + "CLIENT_ID") ?? "torghut-order-feed"
        var topics = [settings.value(of: prefix + "TOPIC") ?? ours("TOPIC").name: ours("TOPIC")]
        if let second = settings.value(of: prefix + "TOPIC_V2") { topics[second] = ours("TOPIC_V2") }
        let group = settings.value(of: prefix + "GROUP_ID") ?? "torghut-order-feed-v1"
        for topic in topics.keys where "\(group)/\(topic)".utf8.count + 8 > LogLimits.maximumConsumerNameBytes {
            problems.append("\(prefix)GROUP_ID and the name of \(topic) are too long together")
        }
        var limits = ImportLimits()
        limits.pollRecords = number(settings, "BATCH_SIZE", 1...5_000, &problems) ?? limits.pollRecords
        if let wait = number(settings, "POLL_MS", 1...60_000, &problems) { limits.pollWait = .milliseconds(wait) }
        return Foreign(kafka: kafka, group: group, topics: topics, limits: limits)
    }

    private static func ours(_ name: String) -> CatalogTopic {
        name == "TOPIC_V2" ? TopicCatalog.tradeUpdatesV2 : TopicCatalog.tradeUpdates
    }

    /// The secrets among them are named in no message.
    private static func properties(_ settings: Settings) -> [String: String] {
        let names = [
            "SECURITY_PROTOCOL": "security.protocol", "SASL_MECHANISM": "sasl.mechanism",
            "SASL_USERNAME": "sasl.username", "SASL_PASSWORD": "sasl.password",
        ]
        return names.reduce(into: [:]) { found, name in
            if let value = settings.value(of: prefix + name.key) { found[name.value] = value }
        }
    }

    private static func number(
        _ settings: Settings, _ name: String, _ range: ClosedRange<Int>, _ problems: inout [String]
    ) -> Int? {
        guard let text = settings.value(of: prefix + name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            problems.append("\(prefix)\(name): '\(text)' is no number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }
}
