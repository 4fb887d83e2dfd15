internal import CRdKafka
public import Core
internal import Synchronization

/// librdkafka's mock cluster: brokers of this process on loopback ports, for development and tests.
///
/// In memory, about 5 MB per partition, gone when it is closed. It takes no administrative requests, isolates no
/// transactions and fences nobody by itself; faults are pushed into it by request type.
///
/// Unchecked, and safe: the cluster has a thread of its own that every call here talks to through its queue, and
/// the pointers change only once, under the mutex, when it is closed.
@safe public final class KafkaDevCluster: @unchecked Sendable {
    @safe private struct Handles: @unchecked Sendable {
        let client: OpaquePointer
        let cluster: OpaquePointer
    }

    private let handles: Mutex<Handles?>
    /// Where clients find it: `127.0.0.1:PORT`, one per broker.
    public let bootstrap: String
    public let brokers: Int

    public init(brokers: Int = 1) throws(KafkaError) {
        var reason = [CChar](repeating: 0, count: 512)
        let configuration = unsafe rd_kafka_conf_new()
        unsafe rd_kafka_conf_set_log_cb(configuration, nil)
        guard let client = unsafe rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &reason, reason.count) else {
            unsafe rd_kafka_conf_destroy(configuration)
            throw KafkaError(.cluster, .invalidArgument, reason.text)
        }
        guard let cluster = unsafe rd_kafka_mock_cluster_new(client, Int32(brokers)),
            let address = unsafe rd_kafka_mock_cluster_bootstraps(cluster)
        else {
            unsafe rd_kafka_destroy(client)
            throw KafkaError(.cluster, .invalidArgument, "no mock cluster of \(brokers) brokers")
        }
        bootstrap = unsafe String(cString: address)
        self.brokers = brokers
        handles = unsafe Mutex(Handles(client: client, cluster: cluster))
    }

    deinit { close() }

    public func close() {
        guard let open = handles.withLock({ $0.take() }) else { return }
        unsafe rd_kafka_mock_cluster_destroy(open.cluster)
        unsafe rd_kafka_destroy(open.client)
    }

    public func create(topic: String, partitions: Int32, replicas: Int32 = 1) throws(KafkaError) {
        try unsafe command("create \(topic)") { unsafe rd_kafka_mock_topic_create($0, topic, partitions, replicas) }
    }

    /// Answers the next requests of this type with these errors, one each; `transport` cuts the connection.
    public func push(_ errors: [KafkaErrorCode], to request: KafkaRequest) throws(KafkaError) {
        try unsafe command("push") { cluster in
            let codes = errors.map { rd_kafka_resp_err_t($0.rawValue) }
            unsafe rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, codes.count, codes)
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    public func clearErrors(of request: KafkaRequest) throws(KafkaError) {
        try unsafe command("clear") { cluster in
            unsafe rd_kafka_mock_clear_request_errors(cluster, request.rawValue)
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    /// Answers one request of this type at this broker late, after having done what it asked.
    public func delay(_ request: KafkaRequest, atBroker id: Int32, milliseconds: Int32) throws(KafkaError) {
        try unsafe command("delay") { unsafe torghut_mock_delay($0, id, request.rawValue, milliseconds) }
    }

    /// Whatever concerns this topic's metadata or its part in a transaction fails with this error.
    public func setError(ofTopic topic: String, to code: KafkaErrorCode) throws(KafkaError) {
        try unsafe command("topic error") { cluster in
            unsafe rd_kafka_mock_topic_set_error(cluster, topic, rd_kafka_resp_err_t(code.rawValue))
            return RD_KAFKA_RESP_ERR_NO_ERROR
        }
    }

    public func setBroker(_ id: Int32, up: Bool) throws(KafkaError) {
        try unsafe command("broker \(id)") {
            unsafe up ? rd_kafka_mock_broker_set_up($0, id) : rd_kafka_mock_broker_set_down($0, id)
        }
    }

    /// −1 leaves the partition without a leader.
    public func setLeader(of source: TopicPartition, to broker: Int32) throws(KafkaError) {
        try unsafe command("leader of \(source)") {
            unsafe rd_kafka_mock_partition_set_leader($0, source.topic, source.partition, broker)
        }
    }

    public func setCoordinator(ofGroup group: String, to broker: Int32) throws(KafkaError) {
        try unsafe command("coordinator") { unsafe rd_kafka_mock_coordinator_set($0, "group", group, broker) }
    }

    public func setCoordinator(ofTransactions id: String, to broker: Int32) throws(KafkaError) {
        try unsafe command("coordinator") { unsafe rd_kafka_mock_coordinator_set($0, "transaction", id, broker) }
    }

    public func setRoundTrip(ofBroker id: Int32, milliseconds: Int32) throws(KafkaError) {
        try unsafe command("round trip") { unsafe rd_kafka_mock_broker_set_rtt($0, id, milliseconds) }
    }

    private func command(_ what: String, _ call: (OpaquePointer) -> rd_kafka_resp_err_t) throws(KafkaError) {
        let code = try handles.withLock { handles throws(KafkaError) in
            guard let open = handles else { throw KafkaError(.cluster, .destroyed) }
            return KafkaErrorCode(unsafe call(open.cluster))
        }
        guard code == .none else { throw KafkaError(.cluster, code, "mock cluster: \(what)") }
    }
}

/// Request types of Kafka's protocol, by the number they have on the wire.
public enum KafkaRequest: Int16, Sendable, CaseIterable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case initProducer = 22
    case addPartitions = 24
    case addOffsets = 25
    case endTransaction = 26
    case commitOffsets = 28
}
