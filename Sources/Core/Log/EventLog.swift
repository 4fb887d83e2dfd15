/// The log: the only truth.
///
/// It means the same on the journal and on Kafka; `EventLogContract` holds both to it.
public protocol EventLog: TopicAdministration {
    /// First and next offset of each partition asked for.
    func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds]

    /// Opens the writer of this name and fences the one that had it before.
    func writer(named name: String) async throws(LogError) -> any EventWriter

    /// Where a consumer's last durable append left it; a partition it never wrote is absent.
    func positions(of consumer: String, in partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition:
        ConsumerPosition]

    /// Reads these partitions, each from its own start. A start outside the log, or an anchor that is not there
    /// any more, is refused.
    func reader(from starts: [TopicPartition: ReadStart], _ options: ReadOptions) async throws(LogError)
        -> any EventReader

    /// Joins the group that shares the partitions of one topic.
    func join(group: String, sharing topic: String) async throws(LogError) -> any Membership

    /// Ends every handle the log gave out.
    func close() async
}

/// Something that takes events and answers when they are durable.
public protocol EventSink: Sendable {
    /// One position per record, in the order given. All records and positions become durable, or none.
    @discardableResult
    func append(_ append: Append) async throws(LogError) -> [RecordPosition]
}

/// A sink of its own name: of two writers with one name only the later can append.
public protocol EventWriter: EventSink {
    func close() async
}

public enum ReadStart: Hashable, Sendable {
    case beginning
    case end
    case offset(Int64)
    /// Goes on at a stored position, after checking that its anchor is still there.
    case after(ConsumerPosition)
}

public struct ReadOptions: Sendable {
    /// Most records in one batch.
    public var maximumRecords: Int
    /// A batch stops growing at this many bytes; a single larger record still comes whole.
    public var maximumBytes: Int
    /// Hot readers take everything from the envelope; without headers Kafka reads almost three times as fast.
    public var headers: Bool

    public init(maximumRecords: Int = 10_000, maximumBytes: Int = 8 << 20, headers: Bool = true) {
        self.maximumRecords = maximumRecords
        self.maximumBytes = maximumBytes
        self.headers = headers
    }
}

/// Reads in order, partition by partition, at the pace of whoever asks.
///
/// One caller at a time.
public protocol EventReader: Sendable {
    /// The next records, or an empty batch when none came within the wait. An empty batch may still move `next`:
    /// holes were passed.
    func next(waiting limit: Duration) async throws(LogError) -> RecordBatch
    func close() async
}

/// A member of a group: it owns some partitions of the shared topic and is told when that changes.
public protocol Membership: Sendable {
    /// The next change, or `nil` when none came within the wait.
    func change(waiting limit: Duration) async throws(LogError) -> OwnershipChange?
    /// Says that work on revoked partitions has ended, so that another member may have them.
    func released(_ partitions: Set<Int32>) async throws(LogError)
    func leave() async
}

public enum OwnershipChange: Hashable, Sendable {
    case granted(Set<Int32>)
    /// Finish what is in hand, then call `released`.
    case revoked(Set<Int32>)
    /// Someone else owns these already: drop everything.
    case lost(Set<Int32>)
}

/// Topics as they are: listed, made, brought in line with their specification.
public protocol TopicAdministration: Sendable {
    func describe() async throws(LogError) -> [TopicDescription]
    func create(_ topics: [TopicSpec]) async throws(LogError)
    /// Changes retention and cleanup, and adds partitions; never takes partitions away.
    func adjust(_ topic: TopicSpec) async throws(LogError)
    func delete(_ topic: String) async throws(LogError)
}
