import Core
import Testing

/// Each limit is reached by something that is taken, and passed by something that is refused by its name.
@Suite struct `Limits of an append` {
    private func refusal(_ append: Append) -> LogError? {
        do throws(LogError) {
            try LogLimits.check(append)
            return nil
        } catch { return error }
    }

    private func exceeded(_ name: String, _ allowed: Int, by excess: Int = 1) -> LogError {
        LogError(.append, .limitExceeded(name: name, allowed: allowed, actual: allowed + excess))
    }

    private func record(bytes: Int) -> NewRecord {
        NewRecord(topic: "t", value: [UInt8](repeating: 1, count: bytes))
    }

    @Test func `bytes of a record`() {
        let limit = LogLimits.maximumRecordBytes
        #expect(refusal(Append([record(bytes: limit)])) == nil)
        #expect(refusal(Append([record(bytes: limit + 1)])) == exceeded("maximumRecordBytes", limit))
        let spread = NewRecord(
            topic: "t", key: [1, 2], value: [UInt8](repeating: 1, count: limit - 11), headers: [Header("ab", [1])])
        #expect(LogLimits.size(of: spread) == limit)
        #expect(refusal(Append([spread])) == nil)
        var wider = spread
        wider.key = [1, 2, 3]
        #expect(refusal(Append([wider])) == exceeded("maximumRecordBytes", limit))
    }

    @Test func `bytes of an append`() {
        let limit = LogLimits.maximumAppendBytes
        let full = Array(
            repeating: record(bytes: LogLimits.maximumRecordBytes), count: limit / LogLimits.maximumRecordBytes)
        #expect(refusal(Append(full)) == nil)
        #expect(refusal(Append(full + [record(bytes: 1)])) == exceeded("maximumAppendBytes", limit))
    }

    @Test func `records of an append`() {
        let limit = LogLimits.maximumAppendRecords
        let full = Array(repeating: NewRecord(topic: "t", value: nil), count: limit)
        #expect(refusal(Append(full)) == nil)
        #expect(refusal(Append(full + [full[0]])) == exceeded("maximumAppendRecords", limit))
    }

    @Test func `headers of a record`() {
        let limit = LogLimits.maximumHeaders
        var record = NewRecord(topic: "t", value: nil, headers: Array(repeating: Header("h", nil), count: limit))
        #expect(refusal(Append([record])) == nil)
        record.headers.append(Header("h", nil))
        #expect(refusal(Append([record])) == exceeded("maximumHeaders", limit))
    }

    @Test func `bytes of a consumer's name`() {
        let limit = LogLimits.maximumConsumerNameBytes
        func position(_ bytes: Int) -> ConsumerPosition {
            ConsumerPosition(
                consumer: String(repeating: "c", count: bytes), source: TopicPartition("t", 0), next: 0, anchor: nil)
        }
        #expect(refusal(Append([], positions: [position(limit)])) == nil)
        #expect(refusal(Append([], positions: [position(limit + 1)])) == exceeded("maximumConsumerNameBytes", limit))
    }
}
