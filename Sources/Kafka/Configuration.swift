internal import CRdKafka

/// Sole owner of an `rd_kafka_conf_t` until a client takes it over.
@safe struct Configuration: ~Copyable {
    private var configuration: OpaquePointer?

    /// Properties first of the house, then of the caller, then those the contract stands on.
    init(_ settings: KafkaSettings, for role: Role) throws(KafkaError) {
        unsafe configuration = rd_kafka_conf_new()
        for (name, value) in settings.defaults + role.defaults(settings) { try set(name, value) }
        for (name, value) in settings.security?.properties ?? [] { try set(name, value) }
        let fixed = settings.fixed + role.fixed(settings)
        for (name, value) in settings.properties.sorted(by: { $0.key < $1.key }) {
            guard !Self.reserved.contains(name) else {
                throw KafkaError(
                    .configure, .invalidArgument, "property '\(name)' is set by Torghut and cannot be changed")
            }
            try Self.refuseBlindTrust(name, value)
            try set(name, value)
        }
        for (name, value) in fixed { try set(name, value) }
    }

    private func set(_ name: String, _ value: String) throws(KafkaError) {
        var reason = [CChar](repeating: 0, count: 512)
        let result = unsafe rd_kafka_conf_set(configuration, name, value, &reason, reason.count)
        if result == RD_KAFKA_CONF_UNKNOWN {
            throw KafkaError(.configure, .invalidArgument, "librdkafka has no property '\(name)'")
        }
        guard result == RD_KAFKA_CONF_OK else {
            // librdkafka's own reason quotes the value, which may be a secret.
            throw KafkaError(.configure, .invalidArgument, "property '\(name)' does not take the value given")
        }
    }

    /// Encryption without verification protects from nobody who can answer in the broker's place.
    private static func refuseBlindTrust(_ name: String, _ value: String) throws(KafkaError) {
        let value = value.lowercased()
        let off =
            name == "enable.ssl.certificate.verification" && !["true", "t", "1"].contains(value)
            || name == "ssl.endpoint.identification.algorithm" && value != "https"
        guard !off else {
            throw KafkaError(
                .configure, .invalidArgument, "property '\(name)' would turn off TLS verification, which is always on")
        }
    }

    /// What the contract of the log stands on, whatever the role.
    private static let reserved: Set<String> = [
        "bootstrap.servers", "metadata.broker.list", "client.id", "allow.auto.create.topics", "isolation.level",
        "auto.offset.reset", "enable.auto.commit", "auto.commit.enable", "enable.auto.offset.store",
        "enable.partition.eof", "enable.idempotence", "enable.gapless.guarantee", "acks", "request.required.acks",
        "partitioner", "transactional.id", "transaction.timeout.ms", "group.id", "group.instance.id",
        "partition.assignment.strategy", "statistics.interval.ms", "message.max.bytes", "plugin.library.paths",
        "queued.max.messages.kbytes", "queued.min.messages", "delivery.report.only.error", "enabled_events",
        "test.mock.num.brokers", "check.crcs",
    ]

    /// Changes the raw object: callbacks and their context.
    func withPointer<Result>(_ body: (OpaquePointer?) -> Result) -> Result { unsafe body(configuration) }

    /// Hands the object to `rd_kafka_new`, which owns it from the moment it succeeds.
    mutating func consumed(by create: (OpaquePointer?) -> OpaquePointer?) -> OpaquePointer? {
        guard let client = unsafe create(configuration) else { return nil }
        unsafe configuration = nil
        return unsafe client
    }

    deinit {
        if let configuration = unsafe configuration { unsafe rd_kafka_conf_destroy(configuration) }
    }
}
