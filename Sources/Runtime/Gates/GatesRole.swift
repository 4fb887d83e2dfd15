internal import Adapters
internal import Commands
internal import Core
public import Domain
internal import Folding
internal import Telemetry

/// Judges routes and runners: one process at a time, over all partitions.
public struct GatesRole: Role {
    public static let name = RoleName.gates
    /// The group of processes of which one judges; it shares a topic of one partition.
    private static let group = "torghut-gates"
    /// After another process has taken over, before this one asks for its turn again.
    static let fencePause: Duration = .seconds(1)

    let house: House
    let inForce: PolicyInForce
    let witness: GatesWitness

    public init(_ house: House) throws(SettingsProblems) {
        self.house = house
        inForce = house.settings.policy
        if case .archive = house.settings.log {
            throw SettingsProblems(problems: ["an archive cannot be followed; name a journal or Kafka (TORGHUT_LOG)"])
        }
        witness = GatesWitness(house)
    }

    public func start() async throws {
        house.board.set(Self.name, .leaderStarting)
        try FolderMaking.make(house.settings.dataFolder)
    }

    public func prepare() async throws {
        try await house.patiently(for: Self.name) { try await house.makeTopics() }
    }

    public func run() async throws {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await own()) } catch { outcome = .failure(error) }
        house.board.set(Self.name, .leaderNotStarted, "ended")
        try outcome.get()
    }

    private func own() async throws {
        while !Task.isCancelled {
            do { try await takePart() } catch let error as LogError
                where error.disposition == .retry || error.disposition == .reopen
            {
                // On a journal nobody shares: who starts later judges, and the one before ends.
                if case .journal = house.settings.log, case .fenced = error.reason { throw error }
                house.board.failed(Self.name, error)
                house.board.set(Self.name, .degraded, error.description)
                try await Task.sleep(for: Self.fencePause)
            }
        }
    }

    private func takePart() async throws {
        guard case .kafka = house.settings.log else { return try await judge() }
        try await owner.takeTurns(try await owner.join()) { try await judge() }
    }

    private var owner: SoleOwner {
        SoleOwner(house: house, role: Self.name, group: Self.group, standingBy: "another process judges")
    }

    private func judge() async throws {
        defer { witness.left() }
        house.board.set(Self.name, .leaderStarting, "reading the log")
        let snapshots = SnapshotStore(
            folder: "\(house.settings.dataFolder)/snapshots", logID: try await house.logIdentity())
        try await GateKeeper(
            GatesContext(
                log: house.log, inForce: inForce, time: house.time, adapters: adapters, snapshots: snapshots,
                observer: witness)
        ).run()
    }

    /// Those that may be sent to; a question takes no lane from an order, because these clients ask nothing else.
    private var adapters: [any OrderAdapter] {
        var adapters: [any OrderAdapter] = []
        let addresses = BrokerAddresses(house.settings, inForce.policy.routing)
        if inForce.policy.routing.adapter == .lean, let lean = addresses.lean {
            adapters.append(LEANAdapter(lean, time: house.time))
        }
        if let alpaca = addresses.alpaca { adapters.append(AlpacaAdapter(alpaca, time: house.time)) }
        return adapters
    }
}
