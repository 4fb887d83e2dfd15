internal import CRdKafka

/// Where the records of one append went, collected from delivery reports: one slot per record, no hop per record.
///
/// Each record carries a tag of the append's number and its own index, so a report that comes late, from an append
/// that was aborted, finds that it is not awaited any more.
@safe final class Deliveries {
    struct Slot {
        var offset: Int64
        var partition: Int32
        var code: Int32
    }

    private var append: UInt32 = 0
    private(set) var slots: [Slot] = []
    private(set) var outstanding = 0
    /// The first failure that says something; what our own abort purged does not.
    private(set) var failure: (index: Int, code: KafkaErrorCode)?

    func begin(records count: Int) {
        append = append == .max ? 1 : append + 1
        let waiting = Slot(offset: RD_KAFKA_OFFSET_INVALID.asOffset, partition: -1, code: 0)
        slots.removeAll(keepingCapacity: true)
        slots.append(contentsOf: repeatElement(waiting, count: count))
        outstanding = 0
        failure = nil
    }

    func tag(_ index: Int) -> UInt { UInt(append) << 32 | UInt(index) }

    func sent() { outstanding += 1 }

    func take(_ message: UnsafePointer<rd_kafka_message_t>) {
        let tag = UInt(bitPattern: unsafe message.pointee._private)
        let index = Int(tag & 0xFFFF_FFFF)
        guard tag >> 32 == UInt(append), index < slots.count else { return }
        outstanding -= 1
        let code = KafkaErrorCode(unsafe message.pointee.err)
        slots[index] = unsafe Slot(
            offset: message.pointee.offset, partition: message.pointee.partition, code: code.rawValue)
        let purged = code == .purgedInQueue || code == .purgedInFlight
        if code != .none, failure == nil || !purged && failure?.code.isPurge == true { failure = (index, code) }
    }
}

extension KafkaErrorCode {
    fileprivate var isPurge: Bool { self == .purgedInQueue || self == .purgedInFlight }
}

extension Int32 {
    /// librdkafka's special offsets come to Swift as `Int32`.
    var asOffset: Int64 { Int64(self) }
}
