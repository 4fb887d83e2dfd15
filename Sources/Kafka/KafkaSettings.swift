/// How to reach a cluster, and the limits of everything this window does with it.
///
/// Values of `properties` may be secrets: no description, error or log line of this module contains one.
public struct KafkaSettings: Sendable {
    /// `HOST:PORT`, several separated by commas.
    public var bootstrap: String
    public var clientID = "torghut"
    public var security: KafkaSecurity?
    /// Any property of librdkafka by its own name; what the log's contract stands on cannot be changed here.
    public var properties: [String: String]

    /// How long a broker lets a dead owner's transaction hold back every reader.
    public var transactionTimeout: Duration = .seconds(10)
    /// Until an append is in the brokers' hands; shorter than `transactionTimeout`, so that we abort, not they.
    public var appendTimeout: Duration = .seconds(8)
    /// How long a commit or abort that was sent is asked about before its outcome is called unknown.
    public var commitTimeout: Duration = .seconds(20)
    /// Metadata, bounds, stored positions, opening a writer.
    public var requestTimeout: Duration = .seconds(15)
    /// Creating, changing and deleting topics, until every broker asked shows it.
    public var adminTimeout: Duration = .seconds(30)
    /// How long `bounds` waits for transactions that were open when it was called.
    public var settleTimeout: Duration = .seconds(2)
    /// How often a topic is looked for that was not there: creation reaches brokers one after another.
    public var unknownTopicChecks = 3
    /// What a reader fetches ahead of its caller at most.
    ///
    /// Small values starve it: a full queue pauses fetching 1 s.
    public var readAheadKilobytes = 262_144
    public var readAheadRecords = 1_000_000
    /// How long partitions taken from this member are held for their owner to finish.
    public var revocationTimeout: Duration = .seconds(30)
    /// Zero: librdkafka prepares no statistics.
    public var statisticsInterval: Duration = .zero
    /// Takes librdkafka's own log lines, on its threads; without it they are dropped.
    public var log: (@Sendable (KafkaLogLine) -> Void)?
    /// Takes librdkafka's statistics (JSON) as they come.
    public var statistics: (@Sendable (KafkaStatistics) -> Void)?

    public init(bootstrap: String, properties: [String: String] = [:]) {
        self.bootstrap = bootstrap
        self.properties = properties
    }
}

/// A line librdkafka wrote; `level` counts as syslog does (3 error … 7 debug).
public struct KafkaLogLine: Sendable {
    public let level: Int
    public let facility: String
    public let client: String
    public let text: String
}

/// One statistics report of one handle, as librdkafka's STATISTICS.md describes it.
public struct KafkaStatistics: Sendable {
    public let client: String
    public let json: String
}

/// Who we are and whom we trust.
///
/// There is no way to encrypt without verifying.
public struct KafkaSecurity: Sendable {
    public enum Mechanism: String, Sendable {
        case plain = "PLAIN"
        case scramSHA256 = "SCRAM-SHA-256"
        case scramSHA512 = "SCRAM-SHA-512"
    }

    public struct Login: Sendable {
        public var mechanism: Mechanism
        public var username: String
        public var password: String

        public init(_ mechanism: Mechanism = .scramSHA512, username: String, password: String) {
            self.mechanism = mechanism
            self.username = username
            self.password = password
        }
    }

    public var login: Login?
    public var encrypted: Bool
    /// A file of trusted certificates; `nil` trusts what the machine trusts.
    public var authorities: String?

    public init(login: Login? = nil, encrypted: Bool = true, authorities: String? = nil) {
        self.login = login
        self.encrypted = encrypted
        self.authorities = authorities
    }

    var properties: [(String, String)] {
        var list = [("security.protocol", (login == nil ? "" : "sasl_") + (encrypted ? "ssl" : "plaintext"))]
        if let login {
            list += [
                ("sasl.mechanism", login.mechanism.rawValue), ("sasl.username", login.username),
                ("sasl.password", login.password),
            ]
        }
        if let authorities { list.append(("ssl.ca.location", authorities)) }
        return list
    }
}

extension KafkaSecurity.Login: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(mechanism.rawValue) as \(username)" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension KafkaSettings: CustomStringConvertible, CustomReflectable {
    public var description: String {
        "kafka:\(bootstrap) as \(clientID), \(properties.keys.sorted().joined(separator: ", "))"
    }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension KafkaSettings {
    /// Reads properties as `name=value`, one per line or, in a text without line ends, separated by semicolons; `#`
    /// opens a comment.
    ///
    /// A value may contain `=`; one that contains a semicolon needs a line. Entries that are no pairs are named by
    /// their numbers alone: their text may be a password.
    public static func properties(from text: String) throws(KafkaError) -> [String: String] {
        var found: [String: String] = [:]
        var wrong: [String] = []
        let inLines = text.contains(where: \.isNewline)
        let entries = text.split(omittingEmptySubsequences: false) { inLines ? $0.isNewline : $0 == ";" }
        for (number, entry) in entries.map(trimmed).enumerated() where !entry.isEmpty && !entry.hasPrefix("#") {
            if let sign = entry.firstIndex(of: "="), sign != entry.startIndex {
                found[String(trimmed(entry[..<sign]))] = String(trimmed(entry[entry.index(after: sign)...]))
            } else {
                wrong.append("entry \(number + 1)")
            }
        }
        guard wrong.isEmpty else {
            throw KafkaError(.configure, .invalidArgument, wrong.joined(separator: ", ") + " is not name=value")
        }
        return found
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
