public import Core
public import Journal
import Synchronization

/// The embedded engine as an `EventLog`: one folder, written by the process that holds its lock.
///
/// Nothing is locked before something is written, so any number of processes may read. A process that wants to
/// write while another holds the lock sends its appends to the holder; nobody above this file sees the difference.
public final class JournalLog: EventLog {
    let path: String
    private let settings: JournalSettings
    private let desk: WriteDesk
    private let groups = Mutex<[String: LocalGroup]>([:])
    private let closed = Mutex(false)

    public init(_ path: String, _ settings: JournalSettings = JournalSettings()) {
        self.path = path
        self.settings = settings
        desk = WriteDesk(path, settings)
    }

    /// What this process has written here.
    public var statistics: JournalStatistics { settings.statistics }

    /// Takes the folder for this process and answers its journal, for those who need the engine itself; refused
    /// with the holder's name when another process has it.
    public func hold() async throws(LogError) -> Journal {
        try checkOpen(.open)
        switch try await desk.access() {
        case .held(let journal): return journal
        case .remote: throw LogError(.open, .locked(holder: JournalView.holder(of: path) ?? "unknown"))
        }
    }

    public func writer(named name: String) async throws(LogError) -> any EventWriter {
        try checkOpen(.open)
        let sink: any JournalSink =
            switch try await desk.access() {
            case .held(let journal): try await journal.writer(named: name)
            case .remote(let remote): try await remote.writer(named: name)
            }
        return JournalLogWriter(log: self, sink: sink)
    }

    public func bounds(of partitions: [TopicPartition]) async throws(LogError) -> [TopicPartition: Bounds] {
        try checkOpen(.position)
        return try await look(.position).bounds(of: partitions)
    }

    public func positions(
        of consumer: String, in partitions: [TopicPartition]
    ) async throws(LogError) -> [TopicPartition: ConsumerPosition] {
        try checkOpen(.position)
        return try await look(.position).positions(of: consumer, in: partitions)
    }

    public func reader(
        from starts: [TopicPartition: ReadStart], _ options: ReadOptions
    ) async throws(LogError) -> any EventReader {
        try checkOpen(.read)
        let now = try await look(.read)
        let resolution = StartResolution(
            bounds: try now.bounds(of: Array(starts.keys)),
            firstRecord: { (position) throws(LogError) in try await now.record(at: position) },
            // Retention cuts the head of a journal's partition; nothing ever takes a record out of its middle.
            compacts: { (_) throws(LogError) in false })
        let offsets = try await resolution.offsets(for: starts).mapValues { ReadStart.offset($0) }
        let reader =
            if let journal = await desk.held {
                try await journal.reader(from: offsets, options)
            } else {
                try await JournalReader.open(path, from: offsets, options)
            }
        return JournalLogReader(log: self, reader: reader)
    }

    public func join(group: String, sharing topic: String) async throws(LogError) -> any Membership {
        let journal = try await hold()
        guard let shared = journal.describe().first(where: { $0.name == topic }) else {
            throw LogError(.join, .unknownTopic(topic))
        }
        return groups.withLock { groups in
            let local = groups[group] ?? LocalGroup(partitions: shared.partitions)
            groups[group] = local
            return local
        }.join()
    }

    public func close() async {
        closed.withLock { $0 = true }
        await desk.close()
    }

    func checkOpen(_ operation: LogError.Operation) throws(LogError) {
        if closed.withLock({ $0 }) { throw LogError(operation, .closed) }
    }

    /// What the journal holds now: the engine's own state in the process that writes, the published mark elsewhere.
    func look(_ operation: LogError.Operation) async throws(LogError) -> any JournalLook {
        if let journal = await desk.held { return journal }
        guard JournalView.exists(at: path) else {
            throw LogError(operation, .refused("there is no journal at \(path); `torghut topics apply` makes one"))
        }
        return try await JournalView.take(path)
    }
}

extension JournalLog {
    public func describe() async throws(LogError) -> [TopicDescription] {
        try checkOpen(.describe)
        if await desk.held == nil, !JournalView.exists(at: path) { return [] }
        return try await look(.describe).describe()
    }

    public func create(_ topics: [TopicSpec]) async throws(LogError) {
        try checkOpen(.create)
        switch try await desk.access() {
        case .held(let journal): try await journal.create(topics)
        case .remote(let remote): try await remote.create(topics)
        }
    }

    public func adjust(_ topic: TopicSpec) async throws(LogError) {
        try checkOpen(.adjust)
        switch try await desk.access() {
        case .held(let journal): try await journal.adjust(topic)
        case .remote(let remote): try await remote.adjust(topic)
        }
    }

    public func delete(_ topic: String) async throws(LogError) {
        try checkOpen(.delete)
        switch try await desk.access() {
        case .held(let journal): try await journal.delete(topic)
        case .remote(let remote): try await remote.delete(topic)
        }
    }
}
