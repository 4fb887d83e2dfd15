internal import CRdKafka
internal import Core
internal import Glibc

/// Sole owner of a list of partitions as librdkafka passes them about.
@safe struct PartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// Takes over a list librdkafka allocated for us.
    init(taking list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) { unsafe pointer = list }

    init(_ partitions: some Collection<TopicPartition>, offset: Int64 = RD_KAFKA_OFFSET_INVALID.asOffset) {
        unsafe pointer = rd_kafka_topic_partition_list_new(Int32(partitions.count))
        for partition in partitions { add(partition, offset: offset) }
    }

    /// The stored form of positions: the offset to go on at, and the anchor in its metadata.
    init(_ positions: [ConsumerPosition]) {
        unsafe pointer = rd_kafka_topic_partition_list_new(Int32(positions.count))
        for position in positions {
            add(position.source, offset: position.next, metadata: position.anchor.map(StoredAnchor.encode))
        }
    }

    private func add(_ partition: TopicPartition, offset: Int64, metadata: String? = nil) {
        guard let entry = unsafe rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)
        else { fatalError("librdkafka is out of memory") }
        unsafe entry.pointee.offset = offset
        guard let metadata, let copy = unsafe strdup(metadata) else { return }
        // librdkafka frees it together with the list.
        unsafe entry.pointee.metadata = UnsafeMutableRawPointer(copy)
        unsafe entry.pointee.metadata_size = metadata.utf8.count
    }

    struct Entry {
        let source: TopicPartition
        let offset: Int64
        let code: KafkaErrorCode
        let metadata: String
    }

    var entries: [Entry] { unsafe Self.entries(of: pointer) }

    static func entries(of list: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [Entry] {
        (0..<Int(unsafe list.pointee.cnt)).map { index in
            let element = unsafe list.pointee.elems[index]
            let bytes = unsafe UnsafeRawBufferPointer(start: element.metadata, count: element.metadata_size)
            return unsafe Entry(
                source: TopicPartition(String(cString: element.topic), element.partition), offset: element.offset,
                code: KafkaErrorCode(element.err), metadata: String(decoding: bytes, as: UTF8.self))
        }
    }

    deinit { unsafe rd_kafka_topic_partition_list_destroy(pointer) }
}
