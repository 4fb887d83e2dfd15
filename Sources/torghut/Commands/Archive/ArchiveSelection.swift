import Bus
import Core
import Domain

/// Which partitions, and what of them.
struct ArchiveSelection: Sendable {
    private let topics: [String]
    private let partition: Int32?
    private let from: Int64?
    private let to: Int64?

    init(_ invocation: Invocation) throws(UsageError) {
        topics = invocation.values("topic")
        partition = try invocation.integer("partition").map { Int32(clamping: $0) }
        from = try invocation.integer("from")
        to = try invocation.integer("to")
        guard topics.count == 1 || (partition == nil && from == nil && to == nil) else {
            throw UsageError("--partition, --from and --to need exactly one --topic")
        }
        guard !invocation.has("follow") || to == nil else { throw UsageError("--follow has no end: leave --to out") }
    }

    /// Without a topic: all of them, or when following all that are not kept forever.
    func spans(of log: any EventLog, following: Bool) async throws -> [ArchiveExport.Span] {
        var sources = try await TopicChoice.partitions(topics, of: log)
        if topics.isEmpty, following { sources = try await schedule(of: log).sources }
        if let partition {
            sources = sources.filter { $0.partition == partition }
            guard !sources.isEmpty else {
                throw LogError(.archive, .unknownPartition(TopicPartition(topics[0], partition)))
            }
        }
        return sources.map { ArchiveExport.Span($0, from: from, to: to) }
    }

    /// What was asked for, or else is ours among the topics: on a cluster there are others.
    func schedule(of log: any EventLog) async throws(LogError) -> ArchiveSchedule {
        let ours = Set(topics.isEmpty ? TopicCatalog.all.map(\.name) : topics)
        return ArchiveSchedule(for: try await log.describe().filter { ours.contains($0.name) })
    }
}
