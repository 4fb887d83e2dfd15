internal import Synchronization

/// Whether the batch on its way has ended; asked between two reads, without waiting.
final class CommitSignal: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }
    func raise() { raised.store(true, ordering: .releasing) }
    func lower() { raised.store(false, ordering: .releasing) }
}
