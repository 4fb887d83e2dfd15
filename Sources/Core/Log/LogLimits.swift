/// Limits of one append, the same on both engines, so that what the journal takes Kafka takes too.
public enum LogLimits {
    /// Key, value and headers of one record.
    ///
    /// Kafka's `max.message.bytes` is set to fit it.
    public static let maximumRecordBytes = 1 << 20
    /// Key, value and headers of all records of one append.
    public static let maximumAppendBytes = 16 << 20
    public static let maximumAppendRecords = 100_000
    public static let maximumHeaders = 64
    public static let maximumTopicNameBytes = 249
    public static let maximumConsumerNameBytes = 255
    public static let maximumWriterNameBytes = 255

    /// Bytes of a record as the limits count them.
    public static func size(of record: NewRecord) -> Int {
        (record.key?.count ?? 0) + (record.value?.count ?? 0) + Header.encodedBytes(record.headers)
    }

    /// Refuses what no engine would take, naming the limit.
    public static func check(_ append: Append) throws(LogError) {
        try within("maximumAppendRecords", maximumAppendRecords, append.records.count)
        var total = 0
        // By index: a loop over the records themselves would count references up and down for each.
        for index in append.records.indices {
            let headers = append.records[index].headers.count
            var size = (append.records[index].key?.count ?? 0) + (append.records[index].value?.count ?? 0)
            if headers > 0 {
                try within("maximumHeaders", maximumHeaders, headers)
                size += Header.encodedBytes(append.records[index].headers)
                for header in append.records[index].headers {
                    try within("maximumNameBytes", Header.maximumNameBytes, header.name.utf8.count)
                }
            }
            try within("maximumRecordBytes", maximumRecordBytes, size)
            total += size
        }
        try within("maximumAppendBytes", maximumAppendBytes, total)
        for position in append.positions {
            try within("maximumConsumerNameBytes", maximumConsumerNameBytes, position.consumer.utf8.count)
        }
    }

    private static func within(_ name: String, _ allowed: Int, _ actual: Int) throws(LogError) {
        guard actual <= allowed else {
            throw LogError(.append, .limitExceeded(name: name, allowed: allowed, actual: actual))
        }
    }
}
