internal import Adapters
internal import Core
internal import Domain
internal import Folding
internal import Ingest

/// The reconciler: the broker's own books are held against what we were told.
struct ReconcilePart: IngestPart {
    /// The group of processes of which one reconciles; it shares a topic of one partition.
    private static let group = "torghut-reconcile"

    let name = "reconciler"
    private let house: House
    private let setup: ReconcileSetup
    private let watch: ReconcileWatch

    /// `nil` where the broker cannot be asked, or is not to be.
    init?(_ house: House) throws(SettingsProblems) {
        guard try house.settings.isReconciling(), let setup = try ReconcileSetup(house.settings) else { return nil }
        self.house = house
        self.setup = setup
        watch = ReconcileWatch(house, part: name)
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let owner = SoleOwner(
                    house: house, role: IngestRole.name, part: name, group: Self.group,
                    standingBy: "another process reconciles")
                try await owner.work { try await reconcile() }
            }
            group.addTask { await tellAges() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Ages grow also while nothing happens: then most of all.
    private func tellAges() async {
        while !Task.isCancelled {
            watch.tellAges()
            // Cancelled: the part ends.
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    private func reconcile() async throws {
        house.board.set(IngestRole.name, part: name, .leaderStarting, "reading the log")
        watch.begin()
        defer { watch.end() }
        let snapshots = SnapshotStore(
            folder: "\(house.settings.dataFolder)/snapshots", logID: try await house.logIdentity())
        try await Reconciler(
            setup.context(log: house.log, time: house.time, snapshots: snapshots, observer: watch)
        ).run()
    }
}
