internal import Core

/// One append as bytes, ready for the writer: everything but sequence and offsets, which live in the directory.
///
/// A large one is already compressed and hashed, on its caller's task, while the batch before it syncs; a small one
/// is raw, because the writer joins it with others.
struct EncodedAppend: Sendable {
    struct Run: Sendable {
        let source: TopicPartition
        var count = 0
        var start = 0
        var length = 0
        var newest = Int64.min
    }

    /// The records of each partition, in the order in which the append first names them.
    let runs: [Run]
    /// For each record the run it went to; empty when there is only one run.
    let runOfRecord: [Int32]
    let records: Int
    let positions: [ConsumerPosition]
    let payload: Block
    let payloadBytes: Int
    /// Bytes of the payload as they will be stored; set for a large append.
    var stored: Stored?

    struct Stored: Sendable {
        let bytes: Int
        let compressed: Bool
        let hash: UInt64
    }

    /// What each record was given, once the writer has said where each run begins.
    func places(from bases: [Int64]) -> [RecordPosition] {
        if runs.count == 1 {
            let source = runs[0].source
            return (0..<Int64(records)).map { RecordPosition(source, bases[0] + $0) }
        }
        var next = bases
        return runOfRecord.map { run in
            defer { next[Int(run)] += 1 }
            return RecordPosition(runs[Int(run)].source, next[Int(run)])
        }
    }
}
