internal import Bus
internal import Core
internal import Domain
internal import Ingest
internal import Telemetry

/// Brings what forwarders write to another cluster onto the log.
struct ImportPart: IngestPart {
    /// The group of processes of which one imports; it shares a topic of one partition.
    private static let group = "torghut-order-feed-import"

    let name = "import"
    private let house: House
    private let foreign: OrderFeedSettings.Foreign
    private let firstStart: FirstStart
    private let watch: ImportWatch

    init(_ house: House, _ foreign: OrderFeedSettings.Foreign, _ firstStart: FirstStart) {
        self.house = house
        self.foreign = foreign
        self.firstStart = firstStart
        watch = ImportWatch(house, part: name)
    }

    func run() async throws {
        let owner = SoleOwner(
            house: house, role: IngestRole.name, part: name, group: Self.group, standingBy: "another process imports")
        try await owner.work { try await work() }
    }

    private func work() async throws {
        house.board.set(IngestRole.name, part: name, .leaderStarting)
        let cluster = try KafkaLog(foreign.kafka)
        let readings = FeedReadings(cluster, topics: foreign.topics.keys.sorted(), group: foreign.group)
        var context = ImportContext(
            log: house.log, foreign: readings, topics: foreign.topics, firstStart: firstStart, time: house.time,
            observer: watch)
        context.limits = foreign.limits
        let outcome: Result<Void, any Error>
        do {
            try await PositionWatch(house, part: name, log: house.log).guarding(readings) { [context] in
                try await FeedImport(context).run()
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await cluster.close()
        try outcome.get()
    }
}

/// Hears what the import does: counts it, writes it down, says how the part is.
final class ImportWatch: ImportObserver {
    private let house: House
    private let part: String
    private let metrics: ImportMetrics

    init(_ house: House, part: String) {
        self.house = house
        self.part = part
        metrics = ImportMetrics(in: house.registry)
    }

    func imported(_ messages: Int, bytes: Int, age: Duration) {
        metrics.messages.increment(by: UInt64(messages))
        metrics.bytes.increment(by: UInt64(bytes))
        metrics.age.set(age / .seconds(1))
        house.board.progressed(IngestRole.name)
    }

    func noted(_ note: ImportNote) {
        switch note {
        case .ready: house.board.set(IngestRole.name, part: part, .running)
        case .began(let source, let place):
            house.logbook.info(
                "feed_position_chosen", ["source": .text("\(source.read)"), "place": .text(place.rawValue)])
        case .parked(let position, let why):
            house.logbook.warning("update_parked", ["record": .text(position.description), "why": .text(why)])
        case .retrying(let error):
            metrics.errors.increment()
            house.logbook.warning("import_retrying", ["why": .failure(error)])
            house.board.set(IngestRole.name, part: part, .degraded, error.description)
        case .fenced: house.logbook.error("import_fenced", [:])
        }
    }
}

/// What the import measures of itself.
struct ImportMetrics {
    let messages: Counter
    let bytes: Counter
    let age: Gauge
    let errors: Counter

    init(in registry: Registry) {
        messages = registry.counter(
            "torghut_order_feed_imported_total", "Messages that were brought from another cluster.")
        bytes = registry.counter("torghut_order_feed_imported_bytes_total", "Their bytes.")
        age = registry.gauge(
            "torghut_order_feed_import_lag_seconds", "How old the oldest message of the latest append was at its end.")
        errors = registry.counter(
            "torghut_order_feed_import_errors_total", "How often a log was away and was read again.")
    }
}
