internal import Core
internal import Domain

/// All that a partition's owner has from the log: the rules' state, the highest epoch, and the counts.
struct RouterMemory: Snapshot {
    static let foldName = "torghut.router.3/" + RouterState.foldName

    var state = RouterState()
    /// The highest epoch that any owner of the partition wrote down.
    private(set) var epoch: Int64 = 0
    private(set) var counts = RouteCounts()

    mutating func fold(_ event: Event, at cause: Cause, under timing: RoutingPolicy.Timing) {
        note(event)
        state.fold(event, at: cause, under: timing)
    }

    /// Takes in an event of our own, which the state holds already.
    mutating func note(_ event: Event) {
        guard case .route(let route) = event.content else { return }
        counts.fold(route)
        if let written = route.ownerEpoch { epoch = max(epoch, written) }
    }

    init() {}

    func write(to writer: inout StateWriter) {
        writer.number(UInt64(epoch))
        counts.write(to: &writer)
        state.write(to: &writer)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        epoch = Int64(truncatingIfNeeded: try reader.number())
        counts = try RouteCounts(from: &reader)
        state = try RouterState(from: &reader)
    }
}

extension Route {
    /// The epoch of the owner that wrote it, where it says so.
    var ownerEpoch: Int64? {
        switch self {
        case .attemptPrepared(let prepared): prepared.ownerEpoch
        case .replaceRequested(let requested): requested.ownerEpoch
        default: nil
        }
    }
}
