internal import Core
internal import Domain
internal import Folding

/// What one take-over of a partition holds, from its writer to its end: nothing of it outlives a failure.
final class RouterLife {
    let writer: any EventWriter
    let permit: SendPermit
    /// What is folded, and which records could not be.
    var kept = Guarded(RouterMemory())
    var session: RouterSession
    var feed: RouterFeed?
    /// How far the log is folded.
    var vector = FoldVector()
    /// How far the last append said that it is.
    var told: Int64?
    /// Steps that were taken and are not durable.
    var events: [Event] = []
    var actions: [RouterAction] = []
    /// What was taken in and is not durable: told again to the next life, which cannot know it from the log.
    private(set) var unsaved: [RouterInput] = []
    private var stepped = 0
    /// Offsets of our own route events, which the state holds already and the feed brings again.
    var own: Set<Int64> = []
    var nextTick = ContinuousClock.now
    var earliestTick = ContinuousClock.now
    /// Something came that may let a waiting intent go on.
    var isTickDue = false
    var nextGauge = ContinuousClock.now
    var foldedSinceSnapshot = 0

    var memory: RouterMemory {
        get { kept.state }
        _modify { yield &kept.state }
    }

    func take(_ inputs: [RouterInput]) { unsaved += inputs }

    /// The oldest of what was taken in and was not stepped.
    func next() -> RouterInput? {
        guard stepped < unsaved.count else { return nil }
        defer { stepped += 1 }
        return unsaved[stepped]
    }

    /// Everything that was stepped is durable.
    func saved() {
        unsaved.removeFirst(stepped)
        stepped = 0
    }

    /// Whether the partition was read to its end.
    var isOwned: Bool { session.epoch > 0 }

    /// How far control is folded.
    var controlNext: Int64 { vector.places[ControlWatch.source]?.next ?? 0 }

    init(_ writer: any EventWriter, _ permit: SendPermit) {
        self.writer = writer
        self.permit = permit
        // Replaced when the partition was read to its end, and its epoch is known.
        session = RouterSession(
            epoch: 0, process: ProcessName(trusted: "unread"), source: SourceName(trusted: "router"))
    }
}
