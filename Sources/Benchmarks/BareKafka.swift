import CRdKafka
import Core

/// librdkafka with nothing of ours around it, used as its own examples use it, with the settings that serve it best.
private func configured(_ settings: [String: String]) -> OpaquePointer {
    guard let configuration = unsafe rd_kafka_conf_new() else { fatalError("librdkafka is out of memory") }
    for (name, value) in settings {
        let set = unsafe rd_kafka_conf_set(configuration, name, value, nil, 0)
        precondition(set == RD_KAFKA_CONF_OK, "\(name)=\(value) is refused")
    }
    return unsafe configuration
}

/// A transactional producer in a bare loop: begin, produce, commit.
@safe final class BareProducer {
    private let handle: OpaquePointer
    private let topic: OpaquePointer

    init(_ bootstrap: String) {
        let configuration = unsafe configured([
            "bootstrap.servers": bootstrap, "transactional.id": "bare", "partitioner": "murmur2_random",
            "linger.ms": "5", "queue.buffering.max.messages": "1000000",
        ])
        // Without a callback every commit waits for a tick of ten milliseconds.
        unsafe rd_kafka_conf_set_dr_msg_cb(configuration, { _, _, _ in })
        guard let made = unsafe rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0),
            let topic = unsafe rd_kafka_topic_new(made, "bench", nil)
        else { fatalError("no bare producer") }
        unsafe handle = made
        unsafe self.topic = topic
        precondition(unsafe rd_kafka_init_transactions(handle, 10_000) == nil, "no transactions")
    }

    func append(_ records: [NewRecord]) {
        precondition(unsafe rd_kafka_begin_transaction(handle) == nil, "begin failed")
        for index in records.indices { produce(records[index]) }
        precondition(unsafe rd_kafka_commit_transaction(handle, 20_000) == nil, "commit failed")
    }

    private func produce(_ record: NewRecord) {
        var headers: OpaquePointer?
        if !record.headers.isEmpty { unsafe headers = rd_kafka_headers_new(record.headers.count) }
        for header in record.headers {
            let added = unsafe (header.value ?? []).withUnsafeBytes {
                unsafe rd_kafka_header_add(headers, header.name, -1, $0.baseAddress, $0.count)
            }
            precondition(added == RD_KAFKA_RESP_ERR_NO_ERROR, "header refused")
        }
        let produced = unsafe (record.key ?? []).withUnsafeBytes { key in
            unsafe (record.value ?? []).withUnsafeBytes { value in
                unsafe torghut_produce(
                    handle, topic, record.partition ?? -1, key.baseAddress, key.count, value.baseAddress,
                    value.count, record.timestamp ?? 0, headers, 0)
            }
        }
        precondition(produced == RD_KAFKA_RESP_ERR_NO_ERROR, "produce refused")
    }

    func close() {
        unsafe rd_kafka_topic_destroy(topic)
        unsafe rd_kafka_destroy(handle)
    }
}

/// A consumer in a bare loop over one queue, with the read-ahead that never starves it.
@safe final class BareConsumer {
    private let handle: OpaquePointer
    private let topic: OpaquePointer
    private let queue: OpaquePointer
    private let partitions: Int32

    init(_ bootstrap: String, _ name: String, partitions: Int32) {
        let configuration = unsafe configured([
            "bootstrap.servers": bootstrap, "isolation.level": "read_committed",
            "queued.max.messages.kbytes": "262144", "queued.min.messages": "1000000", "check.crcs": "true",
        ])
        guard let made = unsafe rd_kafka_new(RD_KAFKA_CONSUMER, configuration, nil, 0),
            let topic = unsafe rd_kafka_topic_new(made, name, nil), let queue = unsafe rd_kafka_queue_new(made)
        else { fatalError("no bare consumer") }
        unsafe handle = made
        unsafe self.topic = topic
        unsafe self.queue = queue
        self.partitions = partitions
        for partition in 0..<partitions {
            let started = unsafe rd_kafka_consume_start_queue(topic, partition, 0, queue)
            precondition(started == 0, "cannot read partition \(partition)")
        }
    }

    func read(_ count: Int, headers: Bool) {
        var read = 0
        var bytes = 0
        var messages: [UnsafeMutablePointer<rd_kafka_message_t>?] = unsafe Array(repeating: nil, count: 10_000)
        while read < count {
            let got = unsafe rd_kafka_consume_batch_queue(queue, 1_000, &messages, messages.count)
            for index in 0..<max(0, got) {
                guard let message = unsafe messages[index] else { continue }
                if unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                    read += 1
                    bytes += unsafe message.pointee.len
                    if headers { bytes += unsafe touch(message) }
                }
                unsafe rd_kafka_message_destroy(message)
            }
        }
        precondition(bytes > read, "nothing was read")
    }

    private func touch(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> Int {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else { return 0 }
        var bytes = 0
        var index = 0
        var (name, value): (UnsafePointer<CChar>?, UnsafeRawPointer?) = (nil, nil)
        var size = 0
        while unsafe rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            bytes += size
            index += 1
        }
        return bytes
    }

    func close() {
        for partition in 0..<partitions { unsafe _ = rd_kafka_consume_stop(topic, partition) }
        unsafe rd_kafka_queue_destroy(queue)
        unsafe rd_kafka_topic_destroy(topic)
        unsafe rd_kafka_destroy(handle)
    }
}
