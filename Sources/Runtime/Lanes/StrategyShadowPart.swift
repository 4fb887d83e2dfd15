internal import Core
internal import Domain
internal import Folding
internal import Lanes

/// The shadow of strategies: each intent is held against its strategy's own rule.
struct StrategyShadowPart: LanePart {
    static let group = "torghut-lanes-strategy-shadow"

    let name = "strategy shadow"
    private let house: House
    private let settings: LanesSettings
    private let runner: LaneRunnerSettings
    private let watch: LaneWatch<PromotionBook>

    /// `nil` when nobody asked for it.
    init?(_ house: House, _ settings: LanesSettings) {
        guard settings.runsStrategyShadow, let runner = settings.runner else { return nil }
        self.house = house
        self.settings = settings
        self.runner = runner
        let metrics = StrategyShadowMetrics(in: house.registry)
        watch = LaneWatch(house, part: name) { metrics.show($0) }
    }

    func run() async throws {
        let owner = SoleOwner(
            house: house, role: LanesRole.name, part: name, group: Self.group,
            standingBy: "another process evaluates")
        try await owner.work { try await evaluate() }
    }

    private func evaluate() async throws {
        house.board.set(LanesRole.name, part: name, .leaderStarting, "reading the log")
        let snapshots = SnapshotStore(
            folder: "\(house.settings.dataFolder)/snapshots", logID: try await house.logIdentity())
        let policy = settings.promotion
        var context = LaneContext(
            log: house.log, craft: StrategyShadowCraft(isForeign: settings.isForeign), runner: LaneRunner(runner),
            book: PromotionBook(policy), ruled: { $0.under(policy) }, time: house.time, snapshots: snapshots,
            observer: watch)
        context.limits = settings.limits
        try await AskingLane(context).run()
    }
}
