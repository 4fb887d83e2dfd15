internal import Core
internal import Kafka

/// A member of a Kafka group, in the words of the log.
final class KafkaMembership: Membership {
    private let member: KafkaMember

    init(_ member: KafkaMember) { self.member = member }

    func change(waiting limit: Duration) async throws(LogError) -> OwnershipChange? {
        do { return try await member.change(waiting: limit) } catch { throw error.logError(.join) }
    }

    func released(_ partitions: Set<Int32>) async throws(LogError) { member.released(partitions) }

    func leave() async { await member.leave() }
}
