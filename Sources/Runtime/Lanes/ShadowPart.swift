internal import Core
internal import Domain
internal import Folding
internal import Lanes

/// The shadow of live orders: each is simulated beside its route, and judged by its real fill.
struct ShadowPart: LanePart {
    static let group = "torghut-lanes-shadow"

    let name = "shadow"
    private let house: House
    private let settings: LanesSettings
    private let runner: LaneRunnerSettings
    private let watch: LaneWatch<ShadowBook>

    /// `nil` when nobody asked for it.
    init?(_ house: House, _ settings: LanesSettings) {
        guard settings.runsShadow, let runner = settings.runner else { return nil }
        self.house = house
        self.settings = settings
        self.runner = runner
        let metrics = ShadowMetrics(in: house.registry)
        watch = LaneWatch(house, part: name) { metrics.show($0) }
    }

    func run() async throws {
        let owner = SoleOwner(
            house: house, role: LanesRole.name, part: name, group: Self.group,
            standingBy: "another process simulates")
        try await owner.work { try await shadow() }
    }

    private func shadow() async throws {
        house.board.set(LanesRole.name, part: name, .leaderStarting, "reading the log")
        let snapshots = SnapshotStore(
            folder: "\(house.settings.dataFolder)/snapshots", logID: try await house.logIdentity())
        let tape = settings.readsTape ? QuoteTape(house.log, time: house.time) : nil
        let craft = ShadowCraft(
            tape: tape, quoteMaximumAge: settings.quoteMaximumAge, isForeign: settings.isForeign)
        let policy = settings.shadow
        var context = LaneContext(
            log: house.log, craft: craft, runner: LaneRunner(runner), book: ShadowBook(policy),
            ruled: { $0.under(policy) }, time: house.time, snapshots: snapshots, observer: watch)
        context.limits = settings.limits
        try await AskingLane(context).run()
    }
}
