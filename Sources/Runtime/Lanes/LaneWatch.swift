internal import Core
internal import Domain
internal import Folding
internal import Lanes
internal import Telemetry

/// Hears what a lane does: counts it, writes it down, says how the part is.
final class LaneWatch<Book: LaneBook>: LaneObserver {
    private let house: House
    /// What the lane is called on the board of roles.
    private let part: String
    private let show: @Sendable (Book) -> Void
    private let waiting: Gauge
    private let asking: Gauge
    private let dropped: Counter
    private let skipped: Counter
    private let control: ControlPlaneMetrics
    private let queue: ControlPlaneMetrics.Queue?

    init(_ house: House, part: String, _ show: @escaping @Sendable (Book) -> Void) {
        self.house = house
        self.part = part
        self.show = show
        let lane = part.split(separator: " ").joined(separator: "_")
        let metrics = LaneMetrics(in: house.registry)
        control = ControlPlaneMetrics(in: house.registry)
        queue = ControlPlaneMetrics.Queue(rawValue: "lane_\(lane)")
        waiting = metrics.waiting.labelled(lane)
        asking = metrics.asking.labelled(lane)
        dropped = metrics.dropped.labelled(lane)
        skipped = metrics.skipped.labelled(lane)
    }

    func folded(_ book: Book, waiting: Int, asking: Int) {
        self.waiting.set(Double(waiting))
        self.asking.set(Double(asking))
        if let queue { control.waits(waiting, in: queue) }
        show(book)
        house.board.set(.lanes, part: part, .running, book.isLaneDisabled ? "the lane is disabled" : "")
        house.board.progressed(.lanes)
    }

    func noted(_ note: LaneNote) {
        switch note {
        case .ready(let records, let fromSnapshot, let took):
            house.logbook.info(
                "lane_ready",
                [
                    "lane": .text(part), "records": .integer(records), "snapshot": .flag(fromSnapshot),
                    "took": .duration(took),
                ])
        case .tooOld(let count):
            skipped.increment(by: UInt64(count))
            house.logbook.warning("lane_too_old", ["lane": .text(part), "intents": .integer(count)])
        case .dropped(let count):
            dropped.increment(by: UInt64(count))
            house.logbook.warning("lane_queue_full", ["lane": .text(part), "dropped": .integer(count)])
        case .snapshotDiscarded(let why):
            house.logbook.warning("snapshot_discarded", ["why": .text(why.description)])
        case .snapshotFailed(let why): house.logbook.warning("snapshot_failed", ["why": .text(why.description)])
        case .unreadable(let unreadable):
            house.logbook.error(
                "record_unreadable",
                ["record": .text(unreadable.position.description), "why": .text(unreadable.why)])
        case .retrying(let error):
            house.board.failed(.lanes, error)
            house.logbook.warning("lane_retrying", ["lane": .text(part), "why": .failure(error)])
            house.board.set(.lanes, part: part, .degraded, error.description)
        case .fenced: house.logbook.error("lane_fenced", ["lane": .text(part)])
        }
    }
}

/// What the lanes that ask measure of themselves.
struct LaneMetrics {
    let waiting: Family<Gauge>
    let asking: Family<Gauge>
    let dropped: Family<Counter>
    let skipped: Family<Counter>
    let failures: Family<Counter>

    init(in registry: Registry) {
        waiting = registry.gauges(
            "torghut_trading_lean_lane_waiting", "Questions of a lane that wait to be asked.", by: ["lane"])
        asking = registry.gauges(
            "torghut_trading_lean_lane_asking", "Questions of a lane that are being asked.", by: ["lane"])
        dropped = registry.counters(
            "torghut_trading_lean_lane_dropped_total", "Questions that found the queue of their lane full.",
            by: ["lane"])
        failures = registry.counters(
            "torghut_trading_lean_lane_failures_total", "Times that a lane could not go on and began again.",
            by: ["lane"])
        skipped = registry.counters(
            "torghut_trading_lean_lane_too_old_total", "Intents that were too old to be asked about.", by: ["lane"])
    }
}
