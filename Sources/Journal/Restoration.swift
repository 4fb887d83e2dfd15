internal import Core

/// Records that keep their offsets, as bytes ready for the writer: a slice for every stretch without a hole.
struct Restoration: Sendable {
    struct Stretch: Sendable {
        let source: TopicPartition
        let base: Int64
        var count = 0
        let start: Int
        var length = 0
        var newest = Int64.min

        var end: Int64 { base + Int64(count) }
    }

    /// In ascending order of offsets in each partition.
    let stretches: [Stretch]
    /// Where each partition named must end afterwards; `nil` at its last record.
    let ends: [TopicPartition: Int64?]
    let payload: Block
    let payloadBytes: Int
    let stored: EncodedAppend.Stored

    /// No partition ends beyond: the format leaves room above for arithmetic that cannot overflow.
    static let maximumOffset = Int64.max / 2 - 1

    /// Cuts an encoded append, which holds the same records partition by partition, at every hole.
    static func stretches(
        of records: [Record], sizes: [Int], runs: [EncodedAppend.Run], runOfRecord: [Int32]
    ) throws(LogError) -> [Stretch] {
        var byRun = runs.map { _ in [Stretch]() }
        var places = runs.map(\.start)
        for (index, record) in records.enumerated() {
            let run = runOfRecord.isEmpty ? 0 : Int(runOfRecord[index])
            let due = byRun[run].last?.end ?? 0
            let offset = record.position.offset
            guard offset >= due else {
                let what = byRun[run].isEmpty ? "offset \(offset) is negative" : "offset \(offset) does not ascend"
                throw LogError(.restore, .refused("\(record.position.source): \(what)"))
            }
            guard offset < maximumOffset else {
                throw LogError(.restore, .refused("\(record.position) is beyond what a journal can count"))
            }
            if byRun[run].isEmpty || offset > due {
                byRun[run].append(Stretch(source: record.position.source, base: offset, start: places[run]))
            }
            let last = byRun[run].count - 1
            byRun[run][last].count += 1
            byRun[run][last].length += sizes[index]
            byRun[run][last].newest = max(byRun[run][last].newest, record.timestamp)
            places[run] += sizes[index]
        }
        return byRun.flatMap { $0 }
    }
}
