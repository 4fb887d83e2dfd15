internal import Core
internal import Domain

/// One ownership of the import, from taking over to the first failure.
///
/// One append is on its way while the next polls are gathered; it is sent when the first is durable, because an append
/// that lands without the one before it would pass messages over.
final class ImportLife {
    static let writerName = "torghut.order-feed-import"

    private let context: ImportContext
    private let writer: any EventWriter
    private let reader: any EventReader
    private let sources: [TopicPartition: FeedSource]
    private var committing: Task<Result<Void, LogError>, Never>?

    private init(
        _ context: ImportContext, _ writer: any EventWriter, _ reader: any EventReader, _ sources: [FeedSource]
    ) {
        self.context = context
        self.writer = writer
        self.reader = reader
        self.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.read, $0) })
    }

    /// Fences whoever imported before, and goes on where he was.
    nonisolated(nonsending) static func begin(_ context: ImportContext) async throws(LogError) -> ImportLife {
        let writer = try await context.log.writer(named: writerName)
        do throws(LogError) {
            let sources = try await present(context)
            let known = try await positions(of: sources, context, writer)
            let starts = sources.map { ($0.read, known[$0].map(ReadStart.after) ?? .beginning) }
            let reader = try await context.foreign.log.reader(
                from: Dictionary(uniqueKeysWithValues: starts),
                ReadOptions(maximumRecords: context.limits.pollRecords, maximumBytes: context.limits.appendBytes / 2))
            context.observer.noted(.ready)
            return ImportLife(context, writer, reader, sources)
        } catch {
            await writer.close()
            throw error
        }
    }

    /// A forwarder that was never started has made no topic: that is waited for.
    private nonisolated(nonsending) static func present(_ context: ImportContext) async throws(LogError) -> [FeedSource]
    {
        let sources = try await context.foreign.sources()
        let missing = Set(context.topics.keys).subtracting(sources.map(\.read.topic)).sorted()
        guard missing.isEmpty else {
            throw LogError(.read, .unavailable("the other cluster has no topic \(missing.joined(separator: ", ")) yet"))
        }
        return sources
    }

    private nonisolated(nonsending) static func positions(
        of sources: [FeedSource], _ context: ImportContext, _ writer: any EventWriter
    ) async throws(LogError) -> [FeedSource: ConsumerPosition] {
        let known = try await FeedSource.positions(of: sources, in: context.log)
        let fresh = sources.filter { known[$0] == nil }
        guard !fresh.isEmpty else { return known }
        let bounds = try await context.foreign.log.bounds(of: fresh.map(\.read))
        try await context.firstStart.choose(fresh, in: bounds, at: context.time.now(), by: writer)
        for source in fresh { context.observer.noted(.began(source, at: context.firstStart.place)) }
        return try await FeedSource.positions(of: sources, in: context.log)
    }

    /// Runs until the task is cancelled or something fails.
    nonisolated(nonsending) func run() async throws(LogError) {
        let failure: LogError?
        do throws(LogError) {
            while !Task.isCancelled { try await turn() }
            try await settle()
            failure = nil
        } catch { failure = error }
        _ = await committing?.value
        await reader.close()
        await writer.close()
        if let failure { throw failure }
    }

    private nonisolated(nonsending) func turn() async throws(LogError) {
        var batch = ImportBatch(context, sources)
        batch.take(try await reader.next(waiting: context.limits.pollWait))
        while !batch.isFull {
            let more = try await reader.next(waiting: .zero)
            if more.isEmpty, more.next.isEmpty { break }
            batch.take(more)
        }
        try await settle()
        guard !batch.isEmpty else { return }
        let (append, messages, oldest) = try batch.append(at: context.time.now())
        for (position, why) in batch.parked { context.observer.noted(.parked(position, why)) }
        let bytes = append.records.reduce(0) { $0 + LogLimits.size(of: $1) }
        committing = Task.detached { [context, writer] in
            do throws(LogError) {
                try await writer.append(append)
                let age = oldest.map { max(.zero, context.time.now().since($0)) } ?? .zero
                context.observer.imported(messages, bytes: bytes, age: age)
                return .success(())
            } catch { return .failure(error) }
        }
    }

    private nonisolated(nonsending) func settle() async throws(LogError) {
        guard let sent = committing else { return }
        committing = nil
        try await sent.value.get()
    }
}
