internal import Glibc
internal import Journal
internal import Kafka
internal import Synchronization
public import Telemetry

/// Tells the metrics what the log's engine says of itself.
public final class LogWatch: Sendable {
    static let every: Duration = .seconds(5)

    private let metrics: LogMetrics
    private let registry: Registry
    private let handles = Mutex(KafkaHandles())

    public init(_ registry: Registry) {
        self.registry = registry
        metrics = LogMetrics(in: registry)
    }

    /// What this process writes to its journal is told at every scrape.
    func watch(_ statistics: JournalStatistics) {
        registry.collect { [metrics] in
            metrics.journalAppends.set(Double(statistics.appends))
            metrics.journalGroups.set(Double(statistics.groups))
            metrics.journalBytes.set(Double(statistics.bytes))
            metrics.journalSyncs.set(Double(statistics.syncs))
            metrics.journalSyncSeconds.set(statistics.syncTime / .seconds(1))
        }
    }

    func take(_ report: KafkaStatistics) {
        guard let read = KafkaReport(report.json) else { return metrics.unreadStatistics.increment() }
        handles.withLock { $0.take(read, of: report.client, metrics) }
    }

    /// Looks at the journal's folder until cancelled; a folder that is not there yet has no segments.
    public func run(_ log: LogAddress) async throws {
        guard case .journal(let folder) = log else { return }
        while true {
            let sizes = Self.segments(in: folder)
            metrics.journalSegments.set(sizes.count)
            metrics.journalDisk.set(sizes.reduce(0, +))
            try await Task.sleep(for: Self.every)
        }
    }

    private static func segments(in path: String) -> [Double] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var sizes: [Double] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(".seg") else { continue }
            var facts = stat()
            guard unsafe stat("\(path)/\(name)", &facts) == 0 else { continue }
            sizes.append(Double(facts.st_size))
        }
        return sizes
    }
}
