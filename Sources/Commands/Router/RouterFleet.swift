public import Core
public import Domain
internal import Synchronization

/// The partitions that this process routes: each has an owner of its own, which is started and ended here.
public final class RouterFleet: Sendable {
    private struct Post {
        let owner: RouterPartition
        let task: Task<Void, any Error>
    }

    private let setup: RouterSetup
    private let posts = Mutex<[Int32: Post]>([:])
    private let failures = Mutex<[Int32: any Error]>([:])
    private let watch: Task<Void, Never>
    private let stopping = Mutex<Task<Void, Never>?>(nil)

    public init(_ setup: RouterSetup) {
        self.setup = setup
        watch = Task { [control = setup.control, pause = setup.limits.controlLook] in await control.run(every: pause) }
        let stop = StopWithoutLog(setup: setup)
        let task = Task { [weak self] in await stop.run { [weak self] in self?.owners ?? [] } }
        stopping.withLock { $0 = task }
    }

    private var owners: [RouterPartition] { posts.withLock { $0.values.map(\.owner) } }

    public var partitions: Set<Int32> { posts.withLock { Set($0.keys) } }

    /// Takes partitions over; those it has stay as they are.
    public func take(_ partitions: Set<Int32>) {
        posts.withLock { posts in
            for partition in partitions.sorted() where posts[partition] == nil {
                let owner = RouterPartition(setup, partition)
                let task = Task {
                    do { try await owner.run() } catch {
                        self.failures.withLock { $0[partition] = error }
                        throw error
                    }
                }
                posts[partition] = Post(owner: owner, task: task)
            }
        }
    }

    /// Returns when the answers of calls on their way are written down, or have been waited for long enough.
    public func leave(_ partitions: Set<Int32>) async {
        let leaving = posts.withLock { posts in partitions.compactMap { posts.removeValue(forKey: $0) } }
        for post in leaving { post.owner.inbox.close() }
        for post in leaving { _ = await post.task.result }
        failures.withLock { failures in for partition in partitions { failures[partition] = nil } }
    }

    /// Why partitions ended that nobody told to.
    public var ended: [Int32: any Error] { failures.withLock { $0 } }

    public func end() async {
        await leave(partitions)
        let stopping = stopping.withLock { $0 }
        stopping?.cancel()
        await stopping?.value
        watch.cancel()
        await watch.value
    }

    /// What this router can say of a stop that is in force already: nothing new passes its last look.
    public struct Silence: Sendable, Equatable {
        /// Whether every call that had passed its last look before has ended.
        public let isWhole: Bool
        public let lastSentAt: Timestamp?
        public let openIntents: Int
    }

    /// Looks at the stop at once, and waits so long for calls that had passed their last look.
    public func lookAtStop(waiting limit: Duration = .milliseconds(900)) async -> Silence {
        let owners = owners
        for owner in owners { owner.inbox.wake() }
        let isWhole = await setup.gate.isSilent(by: .now + limit)
        var open = 0
        for owner in owners { open += await owner.openCount }
        return Silence(isWhole: isWhole, lastSentAt: setup.gate.lastSentAt, openIntents: open)
    }

    /// Asks for a cancellation or a replacement; false when the partition is not here, or too many wait.
    @discardableResult
    public func wish(_ wish: RouterInput, of symbol: Symbol) -> Bool {
        let partition = Murmur2Partitioner.partition(
            forKey: Array(symbol.text.utf8), of: TopicCatalog.route.spec.partitions)
        return posts.withLock { $0[partition]?.owner }?.inbox.wish(wish) ?? false
    }
}
