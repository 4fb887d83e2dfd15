public import Core
internal import Domain

/// One partition of a projection as a lane drives it, whatever its tables are.
///
/// Calls are per record, never per field; what happens inside is compiled for the projection's own types.
protocol FoldingUnit: AnyObject {
    var name: UnitName { get }
    /// The partitions of the log it reads.
    var sources: [TopicPartition] { get }
    var checkpoint: Checkpoint { get }
    /// Rows held in memory.
    var heldRows: Int { get }
    var waitingRecords: Int { get }
    /// No more may wait for operators: it goes no further, except in control, where their words are.
    var isFull: Bool { get }
    /// No more words may wait for records that have not come: it follows control no further.
    var isDeaf: Bool { get }
    /// A word made room, or records did, so that it can go on where it stopped.
    var hasRoomAgain: Bool { get }
    /// What waits, and which limit that meets.
    var fullness: String { get }
    /// How far to fold; records beyond are left alone.
    var cap: FoldedVector? { get set }
    var isAtCap: Bool { get }

    /// Tells the unit the lane's sources, in the order that records name them.
    func bind(to sources: [TopicPartition])
    /// Takes over where the store says the last owner left it.
    func resume(at checkpoint: Checkpoint, parked: [ParkedRow])

    /// Names the rows that the record may touch.
    func need(_ index: Int, of chunk: Chunk)
    /// Names the rows that only the rows named by `need` lead to.
    func follow(_ index: Int, of chunk: Chunk)
    var follows: Bool { get }
    /// Shows its tables, which miss rows that are not in memory.
    func showMissing(to fetch: inout RowFetch) throws
    func fold(_ index: Int, of chunk: Chunk) throws(FoldFailure)
    /// Ends the batch; `nil` when it changed nothing, not even a position.
    func take(_ chunk: Chunk) -> UnitWrite?
    func evict(above limit: Int)

    /// Ends a batch of a rebuild: its steps are written at once, current rows stay until `takeWhole`.
    func takeSteps(_ chunk: Chunk) -> [UnitWrite.Table]
    /// Ends a rebuild: all current rows, and the checkpoint they make.
    func takeWhole() -> UnitWrite
}

/// Why a partition cannot go on.
struct FoldFailure: Error, Sendable, CustomStringConvertible {
    let unit: UnitName
    let description: String
}

extension Projection {
    /// How many owners it can have.
    public static var partitions: Int32 { ownership.spec.partitions }

    /// The partitions that the owner of `partition` reads: its own of topics that are laid out alike, all of others.
    public static func sources(of partition: Int32) -> [TopicPartition] {
        var topics = inputs
        if !topics.contains(where: { $0.name == TopicCatalog.control.name }) { topics.append(TopicCatalog.control) }
        return topics.flatMap { topic in
            topic.isLaidOut(like: ownership)
                ? [TopicPartition(topic.name, partition)]
                : (0..<topic.spec.partitions).map { TopicPartition(topic.name, $0) }
        }
    }
}

extension CatalogTopic {
    /// The same key lies in the same partition of both.
    func isLaidOut(like other: CatalogTopic) -> Bool {
        key == other.key && spec.partitions == other.spec.partitions
    }
}
