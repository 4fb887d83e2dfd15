internal import Core
internal import Domain
internal import Folding

/// A partition's state beside the log: it saves folding, and nothing else.
extension RouterPartition {
    /// What the state is shaped by besides the log.
    var condition: String { "memory=\(timing.memory)" }

    /// Keeps the state now and then, and when an owner leaves.
    ///
    /// Only when all of our own events were read back: behind the positions that are kept with it nothing may be
    /// folded a second time.
    func keep(_ life: RouterLife, always: Bool) async {
        guard let store = setup.snapshots, life.own.isEmpty, life.events.isEmpty else { return }
        guard always ? life.foldedSinceSnapshot > 0 : life.foldedSinceSnapshot >= setup.limits.eventsPerSnapshot
        else { return }
        life.foldedSinceSnapshot = 0
        let (kept, vector, name, condition) = (life.kept, life.vector, RouterFeed.name(partition), condition)
        let refusal = await Task.detached { () -> String? in
            do {
                try store.save(kept, at: vector, as: name, condition: condition)
                return nil
            } catch { return "\(error)" }
        }.value
        if let refusal { note(.snapshot, "not kept: \(refusal)") }
    }
}
