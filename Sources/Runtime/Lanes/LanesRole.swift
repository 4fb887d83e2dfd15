public import Domain
internal import Lanes
internal import Telemetry

/// LEAN's lanes beside the order path: each part of that work runs beside the others, and takes turns of its own.
///
/// No order waits for anything here: a lane reads the log, asks the runner, and writes down what it heard.
public struct LanesRole: Role {
    public static let name = RoleName.lanes

    let house: House
    let parts: [any LanePart]

    public init(_ house: House) throws(SettingsProblems) {
        self.house = house
        if case .archive = house.settings.log {
            throw SettingsProblems(problems: [
                "an archive cannot be followed; name a journal or Kafka (TORGHUT_LOG)"
            ])
        }
        let settings = try LanesSettings(house.settings)
        var parts: [any LanePart] = []
        if let shadow = ShadowPart(house, settings) { parts.append(shadow) }
        if let evaluation = StrategyShadowPart(house, settings) { parts.append(evaluation) }
        if let backtests = try BacktestPart(house) { parts.append(backtests) }
        self.parts = parts
    }

    public func start() async throws {
        for part in parts { house.board.set(Self.name, part: part.name, .leaderStarting) }
        try FolderMaking.make(house.settings.dataFolder)
    }

    public func prepare() async throws {
        try await house.patiently(for: Self.name) { try await house.makeTopics() }
    }

    /// A part that cannot go on ends neither the others nor the process: what routes orders may run in it.
    public func run() async throws {
        if parts.isEmpty { house.board.set(Self.name, .disabled, "no lane is enabled") }
        let failures = LaneMetrics(in: house.registry).failures
        await withTaskGroup(of: Void.self) { group in
            for part in parts {
                let failed = failures.labelled(part.name.split(separator: " ").joined(separator: "_"))
                group.addTask { await keep(part, failed) }
            }
        }
        // Whoever was fenced stands by; the role goes on until it is told to end.
        while !Task.isCancelled { try await Task.sleep(for: .seconds(3600)) }
    }

    private func keep(_ part: any LanePart, _ failures: Counter) async {
        await LaneUpkeep.keep { error in
            failures.increment()
            house.logbook.error("lane_failed", ["lane": .text(part.name), "why": .text("\(error)")])
            house.board.set(Self.name, part: part.name, .degraded, "\(error)")
        } _: {
            try await part.run()
        }
        if Task.isCancelled { house.board.set(Self.name, part: part.name, .leaderNotStarted, "ended") }
    }
}

/// Work of the role `lanes` that begins and ends with it.
protocol LanePart: Sendable {
    /// What it is called on the board of roles.
    var name: String { get }
    /// Works until its task is cancelled; throws when it cannot go on.
    func run() async throws
}
