internal import Core
internal import Domain
internal import Folding

/// Reads one partition of a log up to where it is told, and not one record further.
final class ReplayCursor {
    private static var limits: FollowerLimits {
        var limits = FollowerLimits()
        // Many partitions are open at once, and each holds what it has read ahead.
        (limits.maximumBatchRecords, limits.maximumBatchBytes) = (512, 1 << 20)
        (limits.batchesAhead, limits.decoders, limits.maximumHeldRecords) = (1, 1, 1_024)
        return limits
    }

    private let follower: LogFollower<EventReading>
    private var batch: FollowedBatch<Event>
    private var index = 0
    /// Behind the last record that was handed out.
    private(set) var reached: Int64 = 0

    private init(_ follower: LogFollower<EventReading>, _ batch: FollowedBatch<Event>) {
        self.follower = follower
        self.batch = batch
    }

    nonisolated(nonsending) static func open(
        _ log: any EventLog, _ source: TopicPartition, wanting types: Set<EventType>
    ) async throws(LogError) -> ReplayCursor {
        let follower = try await LogFollower.open(log, [source], limits) { EventReading(wanting: types) }
        do throws(LogError) { return ReplayCursor(follower, try await follower.next(waiting: .zero)) } catch {
            await follower.close()
            throw error
        }
    }

    nonisolated(nonsending) func close() async { await follower.close() }

    /// The next record before this offset; `nil` when there is none.
    nonisolated(nonsending) func next(
        before limit: Int64
    ) async throws(LogError) -> (record: FollowedRecord<Event>, place: RecordPosition)? {
        guard reached < limit else { return nil }
        while index == batch.count {
            if follower.isCaughtUp { return nil }
            batch = try await follower.next(waiting: .milliseconds(200))
            index = 0
            if Task.isCancelled { throw LogError(.read, .timedOut("cancelled before the end was read")) }
        }
        let record = batch[index]
        guard record.offset < limit else { return nil }
        index += 1
        reached = record.offset + 1
        return (record, batch.position(of: record))
    }
}
