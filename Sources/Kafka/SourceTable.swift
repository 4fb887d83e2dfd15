internal import CRdKafka
internal import Core

/// Which partitions a consumer reads, where it stands in each, and which one a message came from.
struct SourceTable {
    private struct Key: Hashable {
        let topic: UInt
        let partition: Int32
    }

    private(set) var list: [TopicPartition] = []
    private var offsets: [Int64?] = []
    private var topics: [UInt] = []
    private var indices: [Key: Int] = [:]
    private var last: (key: Key, index: Int)?

    /// Removed partitions keep their place in `list`, so indices stay valid while a batch is being built.
    mutating func add(_ source: TopicPartition, handle: UInt, next: Int64) {
        let key = Key(topic: handle, partition: source.partition)
        if let known = list.firstIndex(of: source) {
            offsets[known] = next
            indices[key] = known
        } else {
            indices[key] = list.count
            list.append(source)
            offsets.append(next)
            topics.append(handle)
        }
    }

    mutating func remove(_ source: TopicPartition) {
        guard let index = list.firstIndex(of: source) else { return }
        offsets[index] = nil
        indices[Key(topic: topics[index], partition: source.partition)] = nil
        last = nil
    }

    func next(of source: TopicPartition) -> Int64? {
        list.firstIndex(of: source).flatMap { offsets[$0] }
    }

    /// Consecutive messages mostly come from one partition: the last answer is tried first.
    mutating func index(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> Int? {
        let key = unsafe Key(topic: UInt(bitPattern: message.pointee.rkt), partition: message.pointee.partition)
        if let last, last.key == key { return last.index }
        guard let found = indices[key] else { return nil }
        last = (key, found)
        return found
    }

    /// Moves forward only; says whether it moved.
    mutating func move(_ index: Int, to offset: Int64) -> Bool {
        guard let now = offsets[index], offset > now else { return false }
        offsets[index] = offset
        return true
    }

    func positions(of moved: Set<Int>) -> [TopicPartition: Int64] {
        var positions: [TopicPartition: Int64] = [:]
        for index in moved { positions[list[index]] = offsets[index] }
        return positions
    }

    var handles: [(TopicPartition, UInt)] {
        indices.map { (list[$0.value], $0.key.topic) }
    }
}
