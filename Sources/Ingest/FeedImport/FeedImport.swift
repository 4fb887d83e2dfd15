public import Core
public import Domain
internal import Folding
internal import Threading

/// Brings what forwarders wrote to another cluster onto our log, byte for byte and each message once.
///
/// Messages and the other cluster's positions are one append of ours; what they mean is the order feed's business.
public actor FeedImport {
    private nonisolated let executor = BlockingExecutor("ingest.import")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let context: ImportContext

    public init(_ context: ImportContext) { self.context = context }

    /// Runs until the task is cancelled; throws when another process imports now, or when it cannot go on.
    public func run() async throws(LogError) {
        try await LogPatience.live(
            context.time, fenced: { context.observer.noted(.fenced) },
            retrying: { context.observer.noted(.retrying($0)) }
        ) { () async throws(LogError) in try await ImportLife.begin(context).run() }
    }
}

/// What the import works with.
public struct ImportContext: Sendable {
    /// Where messages go, and the positions with them.
    public let log: any EventLog
    public let foreign: FeedReadings
    /// Which topic of ours takes the messages of which of the other cluster's.
    public let topics: [String: CatalogTopic]
    public let firstStart: FirstStart
    public let time: any TimeSource
    public let observer: any ImportObserver
    public var limits = ImportLimits()

    public init(
        log: any EventLog, foreign: FeedReadings, topics: [String: CatalogTopic], firstStart: FirstStart,
        time: any TimeSource, observer: any ImportObserver
    ) {
        self.log = log
        self.foreign = foreign
        self.topics = topics
        self.firstStart = firstStart
        self.time = time
        self.observer = observer
    }
}

public struct ImportLimits: Sendable {
    /// Of one poll.
    public var pollRecords = 200
    public var pollWait: Duration = .milliseconds(250)
    /// Of one append, which takes in as many polls as came meanwhile.
    public var appendRecords = 5_000
    public var appendBytes = 8 << 20

    public init() {}
}

/// Learns what the import does; told on any thread.
public protocol ImportObserver: Sendable {
    /// So many messages are on our log now; the oldest of them was so old.
    func imported(_ messages: Int, bytes: Int, age: Duration)
    func noted(_ note: ImportNote)
}

public enum ImportNote: Sendable {
    case ready
    /// Partitions that were never read, and where they begin.
    case began(FeedSource, at: FirstStart.Place)
    /// A message that is too large for our log, and was put aside.
    case parked(RecordPosition, String)
    case retrying(LogError)
    case fenced
}
