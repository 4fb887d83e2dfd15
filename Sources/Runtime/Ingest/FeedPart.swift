internal import Core
internal import Domain
internal import Folding
internal import Ingest

/// The order feed: each update is classified once and written as an event.
struct FeedPart: IngestPart {
    /// The group of processes of which one feeds; it shares a topic of one partition.
    private static let group = "torghut-ingest"

    let name = "order feed"
    private let house: House
    private let settings: OrderFeedSettings
    private let watch: FeedWatch

    init(_ house: House, _ settings: OrderFeedSettings) {
        self.house = house
        self.settings = settings
        watch = FeedWatch(house, part: name)
    }

    func run() async throws {
        let owner = SoleOwner(
            house: house, role: IngestRole.name, part: name, group: Self.group, standingBy: "another process feeds")
        try await owner.work {
            try await PositionWatch(house, part: name, log: house.log).guarding(readings) { try await feed() }
        }
    }

    private var readings: FeedReadings {
        FeedReadings(house.log, topics: settings.scope.topics.map(\.name), group: nil)
    }

    private func feed() async throws {
        house.board.set(IngestRole.name, part: name, .leaderStarting, "reading the log")
        let snapshots = SnapshotStore(
            folder: "\(house.settings.dataFolder)/snapshots", logID: try await house.logIdentity())
        try await OrderFeed(
            FeedContext(
                log: house.log, scope: settings.scope, time: house.time, snapshots: snapshots,
                firstStart: settings.firstStart, observer: watch)
        ).run()
    }
}
