internal import Core

/// What a handle is for; each role has properties it cannot do without.
enum Role: Sendable {
    case writer(transactionalID: String)
    /// Producer without transactions: idempotent, each record for itself.
    case sender
    case reader
    case member(group: String)
    /// Asks; `committed` says whether it sees what a read-committed reader sees or all there is.
    case observer(committed: Bool)

    var isProducer: Bool {
        switch self {
        case .writer, .sender: true
        case .reader, .member, .observer: false
        }
    }

    /// What a caller may set otherwise.
    func defaults(_ settings: KafkaSettings) -> [(String, String)] {
        switch self {
        case .writer, .sender:
            [
                ("linger.ms", "5"), ("queue.buffering.max.messages", "\(2 * LogLimits.maximumAppendRecords)"),
                ("queue.buffering.max.kbytes", "\(4 * LogLimits.maximumAppendBytes / 1024)"),
                // Topics are looked up before the first record goes out; this is for those that vanish later.
                ("topic.metadata.propagation.max.ms", "5000"),
            ]
        case .reader: []
        // Nothing is fetched: the member's partitions stay paused.
        case .member: [("fetch.message.max.bytes", "1024")]
        case .observer: []
        }
    }

    func fixed(_ settings: KafkaSettings) -> [(String, String)] {
        // Reports wait until the handle is served, and nobody serves one that only asks now and then.
        let isServed = if case .observer = self { false } else { true }
        let interval = isServed ? settings.statisticsInterval.milliseconds : 0
        return properties(settings) + [("statistics.interval.ms", "\(interval)")]
    }

    private func properties(_ settings: KafkaSettings) -> [(String, String)] {
        switch self {
        case .writer(let id):
            Self.producing + [
                ("transactional.id", id), ("transaction.timeout.ms", "\(settings.transactionTimeout.milliseconds)"),
            ]
        case .sender: Self.producing
        case .reader:
            Self.consuming + [
                ("isolation.level", "read_committed"), ("enable.partition.eof", "true"), ("check.crcs", "true"),
                // The older consumer's own switch for what `enable.auto.commit` means to groups.
                ("auto.commit.enable", "false"),
                ("queued.max.messages.kbytes", "\(settings.readAheadKilobytes)"),
                ("queued.min.messages", "\(settings.readAheadRecords)"),
            ]
        case .member(let group):
            Self.consuming + [
                ("group.id", group), ("partition.assignment.strategy", "cooperative-sticky"),
                ("queued.max.messages.kbytes", "1024"), ("queued.min.messages", "1"),
            ]
        case .observer(let committed):
            Self.consuming + [
                ("isolation.level", committed ? "read_committed" : "read_uncommitted"),
                // Nothing is subscribed, so nothing joins. But when a coordinator moves, librdkafka asks for that of
                // the handle's own group, whichever group the question was about, and without one it crashes.
                ("group.id", "torghut.observer"),
            ]
        }
    }

    private static let producing = [
        ("enable.idempotence", "true"), ("acks", "all"), ("partitioner", "murmur2_random"),
        ("message.max.bytes", "\(KafkaSettings.maximumMessageBytes)"),
    ]

    private static let consuming = [
        ("enable.auto.commit", "false"), ("auto.offset.reset", "error"),
    ]
}

extension KafkaSettings {
    /// The largest record of the log with its framing; topics are created with this as `max.message.bytes`.
    public static let maximumMessageBytes = LogLimits.maximumRecordBytes + 64 * 1024

    var defaults: [(String, String)] {
        // The longest pause between attempts to reach a broker: the default grows to 10 s, and members time out.
        [("reconnect.backoff.max.ms", "500"), ("log.connection.close", "false")]
    }

    var fixed: [(String, String)] {
        [
            ("bootstrap.servers", bootstrap), ("client.id", clientID), ("allow.auto.create.topics", "false"),
        ]
    }
}
