public import Core
public import Domain

/// A fold as it goes on after a start: from its snapshot when that is beyond doubt, or else from the beginning.
public struct ResumedFold<State: Snapshot, Reader: FactReader & ~Copyable> {
    public let state: State
    public let follower: LogFollower<Reader>
    /// Why a snapshot that was there is not used.
    public let discarded: SnapshotRefusal?
    public let isFromSnapshot: Bool
}

extension SnapshotStore {
    /// Opens a fold over exactly these partitions; `empty` is its state before the first record.
    ///
    /// A snapshot whose vector names other partitions, or does not fit the log, is no use. What the log itself refuses
    /// at the beginning (its head is gone) is thrown.
    public nonisolated(nonsending) func resume<State: Snapshot, Reader: FactReader & ~Copyable>(
        _ name: String, from log: any EventLog, _ sources: [TopicPartition], condition: String = "",
        _ limits: FollowerLimits = FollowerLimits(), empty: () -> State, reading make: () -> sending Reader
    ) async throws(LogError) -> ResumedFold<State, Reader> {
        var discarded: SnapshotRefusal?
        do throws(SnapshotRefusal) {
            if let (state, vector) = try load(State.self, name, condition: condition) {
                guard Set(vector.places.keys) == Set(sources) else {
                    throw SnapshotRefusal("it was folded from other partitions")
                }
                let follower = try await open(log, sources, at: vector, limits, make)
                return ResumedFold(state: state, follower: follower, discarded: nil, isFromSnapshot: true)
            }
        } catch { discarded = error }
        let follower = try await LogFollower.open(log, sources, limits, reading: make)
        return ResumedFold(state: empty(), follower: follower, discarded: discarded, isFromSnapshot: false)
    }

    private nonisolated(nonsending) func open<Reader: FactReader & ~Copyable>(
        _ log: any EventLog, _ sources: [TopicPartition], at vector: FoldVector, _ limits: FollowerLimits,
        _ make: () -> sending Reader
    ) async throws(SnapshotRefusal) -> LogFollower<Reader> {
        do throws(LogError) {
            return try await LogFollower.open(log, sources, at: vector, limits, reading: make)
        } catch { throw SnapshotRefusal(error.description) }
    }
}
