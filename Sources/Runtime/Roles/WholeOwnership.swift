internal import Core

/// On the journal nobody shares: a process that projects owns every partition from its start.
///
/// Of two such processes the later one's epochs win, and the earlier one is fenced.
actor WholeOwnership: Membership {
    private var grant: Set<Int32>?

    init(partitions: Int32) { grant = Set(0..<partitions) }

    func change(waiting limit: Duration) async throws(LogError) -> OwnershipChange? {
        if let all = grant.take() { return .granted(all) }
        // Cancelled: whoever asks looks at its task by itself.
        do { try await Task.sleep(for: limit) } catch { return nil }
        return nil
    }

    func released(_ partitions: Set<Int32>) async throws(LogError) {}
    func leave() async {}
}
