internal import Commands
internal import Core
public import Domain
internal import Folding
internal import Telemetry
internal import Wire

/// Answers decisions: each becomes an intent, or every reason why it does not.
public struct CommandsRole: Role {
    public static let name = RoleName.commands
    /// The group of processes of which one answers; it shares a topic of one partition.
    private static let group = "torghut-commands"

    let house: House
    let inForce: PolicyInForce
    let localStop: LocalStopReading
    let watch: CommandsWatch

    public init(_ house: House) throws(SettingsProblems) {
        self.house = house
        inForce = house.settings.policy
        var problems = CommandsSettings.problems(of: inForce.policy)
        if case .archive = house.settings.log {
            problems.append("an archive cannot be followed; name a journal or Kafka (TORGHUT_LOG)")
        }
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
        localStop = KillLatch(dataFolder: house.settings.dataFolder)
            .reading(environment: inForce.policy.killSwitchInEnvironment)
        watch = CommandsWatch(house)
    }

    public func start() async throws {
        house.board.set(Self.name, .leaderStarting)
        for fault in inForce.policy.misconfigurations {
            house.logbook.warning(
                "misconfigured",
                ["name": .text(fault.name), "problem": .text(fault.problem), "instead": .text(fault.instead)])
        }
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
        let owner = SoleOwner(house: house, role: Self.name, group: Self.group, standingBy: "another process answers")
        try await owner.work { try await answer() }
    }

    private func answer() async throws {
        house.board.set(Self.name, .leaderStarting, "reading the log")
        let snapshots = SnapshotStore(
            folder: "\(house.settings.dataFolder)/snapshots", logID: try await house.logIdentity())
        try await CommandHandler(
            HandlerContext(
                log: house.log, decider: TradingDecider(inForce, mint: EventMint.mint), time: house.time,
                localStop: localStop, snapshots: snapshots, observer: watch)
        ).run()
    }
}

/// Settings without which decisions cannot be judged as their writer meant.
enum CommandsSettings {
    /// The routing has a documented way out of every wrong setting, and so have these.
    private static let lenient = [
        "TRADING_EXECUTION_", "TRADING_LEAN_", "TRADING_SYMBOL_REVIEW_", "APCA_", "TRADING_KILL_SWITCH_ENABLED",
        "TRADING_LIVE_ENABLED",
    ]

    static func problems(of policy: Policy) -> [String] {
        policy.misconfigurations.filter { fault in !lenient.contains { fault.name.hasPrefix($0) } }
            .map { "\($0.name) \($0.problem)" }
    }
}
