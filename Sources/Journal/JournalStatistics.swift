internal import Synchronization

/// What one process has written to a journal since it opened it; read at any time, from any thread.
public final class JournalStatistics: Sendable {
    private let appendCount = Atomic<UInt64>(0)
    private let groupCount = Atomic<UInt64>(0)
    private let byteCount = Atomic<UInt64>(0)
    private let syncCount = Atomic<UInt64>(0)
    private let syncNanoseconds = Atomic<UInt64>(0)
    private let segmentCount = Atomic<UInt64>(0)

    public init() {}

    /// Appends that were written, in how many groups, with how many bytes on disk.
    public var appends: UInt64 { appendCount.load(ordering: .relaxed) }
    public var groups: UInt64 { groupCount.load(ordering: .relaxed) }
    public var bytes: UInt64 { byteCount.load(ordering: .relaxed) }
    /// Syncs of segments, and the time they took.
    public var syncs: UInt64 { syncCount.load(ordering: .relaxed) }
    public var syncTime: Duration { .nanoseconds(Int64(clamping: syncNanoseconds.load(ordering: .relaxed))) }
    /// Segments that were begun.
    public var segments: UInt64 { segmentCount.load(ordering: .relaxed) }

    func wrote(_ appends: Int, bytes: Int) {
        appendCount.wrappingAdd(UInt64(appends), ordering: .relaxed)
        groupCount.wrappingAdd(1, ordering: .relaxed)
        byteCount.wrappingAdd(UInt64(bytes), ordering: .relaxed)
    }

    func synced(_ took: Duration) {
        syncCount.wrappingAdd(1, ordering: .relaxed)
        syncNanoseconds.wrappingAdd(UInt64(max(0, took / .nanoseconds(1))), ordering: .relaxed)
    }

    func began() { segmentCount.wrappingAdd(1, ordering: .relaxed) }
}
