internal import Core

/// Lays the records of an append into one block: first it groups and measures them, then it copies.
///
/// Two steps, so that the queue can be asked for room between them, and nothing is copied before there is room.
struct RecordEncoder {
    let append: Append
    private var runs: [EncodedAppend.Run] = []
    private var runOfRecord: [Int32] = []
    private var indexOfRun: [TopicPartition: Int] = [:]
    private(set) var payloadBytes = 0

    init(_ append: Append) throws(LogError) {
        self.append = append
        runOfRecord.reserveCapacity(append.records.count)
        var last = -1
        // By index: a loop over the records themselves would count references up and down for each.
        for index in append.records.indices {
            guard let partition = append.records[index].partition else {
                throw LogError(.append, .refused("a record for '\(append.records[index].topic)' names no partition"))
            }
            if last < 0 || runs[last].source.partition != partition
                || runs[last].source.topic != append.records[index].topic
            {
                last = run(for: append.records[index].topic, partition)
            }
            let size = try Self.size(of: append.records[index])
            runs[last].count += 1
            runs[last].length += size
            payloadBytes += size
            runOfRecord.append(Int32(last))
        }
        var start = 0
        for index in runs.indices {
            runs[index].start = start
            start += runs[index].length
        }
    }

    /// Fills a block of the pool.
    ///
    /// Records without a timestamp get this one.
    func encode(into pool: BlockPool, now: Int64) -> EncodedAppend {
        let block = pool.take(payloadBytes.aligned)
        var cursors = runs.map(\.start)
        var runs = runs
        for index in append.records.indices {
            let run = Int(runOfRecord[index])
            let timestamp = append.records[index].timestamp ?? now
            runs[run].newest = max(runs[run].newest, timestamp)
            cursors[run] = Self.put(append.records[index], timestamp, into: block, at: cursors[run])
        }
        return EncodedAppend(
            runs: runs, runOfRecord: runs.count == 1 ? [] : runOfRecord, records: append.records.count,
            positions: append.positions, payload: block, payloadBytes: payloadBytes)
    }

    private mutating func run(for topic: String, _ partition: Int32) -> Int {
        // A few partitions are found faster by looking than by hashing a name for every record.
        if runs.count <= 16 {
            if let index = runs.firstIndex(where: { $0.source.partition == partition && $0.source.topic == topic }) {
                return index
            }
        } else if let index = indexOfRun[TopicPartition(topic, partition)] {
            return index
        }
        let source = TopicPartition(topic, partition)
        runs.append(EncodedAppend.Run(source: source))
        indexOfRun[source] = runs.count - 1
        return runs.count - 1
    }

    @inline(__always)
    private static func size(of record: NewRecord) throws(LogError) -> Int {
        var size = RecordLayout.fixedBytes + (record.key?.count ?? 0) + (record.value?.count ?? 0)
        for header in record.headers {
            let name = header.name.utf8.count
            guard name <= Header.maximumNameBytes else {
                let allowed = Header.maximumNameBytes
                throw LogError(.append, .limitExceeded(name: "maximumNameBytes", allowed: allowed, actual: name))
            }
            size += 6 + name + (header.value?.count ?? 0)
        }
        return size
    }

    @inline(__always)
    private static func put(_ record: NewRecord, _ timestamp: Int64, into block: Block, at start: Int) -> Int {
        var place = start + RecordLayout.fixedBytes
        block.store(timestamp, at: start)
        block.store(Int32(record.key?.count ?? -1), at: start + 8)
        block.store(Int32(record.value?.count ?? -1), at: start + 12)
        if let key = record.key {
            block.copy(key, to: place)
            place += key.count
        }
        if let value = record.value {
            block.copy(value, to: place)
            place += value.count
        }
        let headers = place
        for header in record.headers { put(header, into: block, at: &place) }
        block.store(UInt32(place - headers), at: start + 16)
        return place
    }

    /// The same bytes as `Header.encode`, without an array between.
    private static func put(_ header: Header, into block: Block, at place: inout Int) {
        let name = header.name.utf8
        block.store(UInt16(name.count), at: place)
        block.copy(Substring(header.name).utf8, to: place + 2)
        place += 2 + name.count
        block.store(Int32(header.value?.count ?? -1), at: place)
        place += 4
        guard let value = header.value else { return }
        block.copy(value, to: place)
        place += value.count
    }
}

extension EncodedAppend {
    /// Compresses and hashes a large append; its bytes then lie in another block, and the first goes back.
    func sealed(in pool: BlockPool) -> EncodedAppend {
        let room = max(Compression.bound(payloadBytes), payloadBytes).aligned
        let target = pool.take(room)
        let length = Compression.compress(payload, 0..<payloadBytes, into: target, at: 0)
        let block = length == nil ? payload : target
        pool.give(length == nil ? target : payload)
        let bytes = length ?? payloadBytes
        block.zero(bytes..<bytes.aligned)
        var sealed = EncodedAppend(
            runs: runs, runOfRecord: runOfRecord, records: records, positions: positions, payload: block,
            payloadBytes: payloadBytes)
        sealed.stored = Stored(bytes: bytes, compressed: length != nil, hash: block.hash(0..<bytes.aligned))
        return sealed
    }
}
