internal import CRdKafka
public import Core
internal import Synchronization

/// A member of a group that shares the partitions of one topic, cooperatively; it reads nothing itself.
///
/// The handle is served in the background, so a slow owner is never thrown out of the group for not asking.
/// Partitions taken away are held until `released`, at most `revocationTimeout`; partitions that were lost are gone.
public final class KafkaMember: Sendable {
    enum News: Sendable {
        case change(OwnershipChange)
        case failure(KafkaError)
    }

    private let mailbox = Mailbox<News>()
    private let pump: MemberPump

    /// Joins.
    ///
    /// The topic must exist.
    public init(_ settings: KafkaSettings, group: String, sharing topic: String) async throws(KafkaError) {
        pump = try MemberPump(settings, group: group, topic: topic, mailbox: mailbox)
        try await pump.join()
        let pump = pump
        Task { await pump.run() }
    }

    deinit { pump.stop() }

    public func change(waiting limit: Duration) async throws(KafkaError) -> OwnershipChange? {
        switch await mailbox.next(waiting: limit) {
        case nil: return nil
        case .change(let change): return change
        case .failure(let error): throw error
        }
    }

    /// Lets partitions go that were revoked; what is not held is passed over.
    public func released(_ partitions: Set<Int32>) { pump.release(partitions) }

    /// Leaves the group and waits until it has let go.
    public func leave() async {
        pump.stop()
        await pump.left()
    }
}
