internal import Adapters
internal import Commands
internal import Core
public import Domain
internal import Folding
internal import Telemetry
internal import Wire

/// Carries intents to the adapters: as many partitions as this process owns.
public struct RouterRole: Role {
    public static let name = RoleName.router
    /// The group of processes that share the partitions; every other symbol-keyed topic follows this one's numbers.
    static let group = "torghut-router"
    static let ownership = TopicCatalog.orderIntents
    /// How long one look for a change of ownership waits.
    static let changeWait: Duration = .milliseconds(250)
    /// After a partition was lost to another owner, so that two do not take it from each other at full speed.
    static let evictionPause: Duration = .seconds(1)

    let house: House
    let inForce: PolicyInForce
    let setup: RouterSetup

    public init(_ house: House) throws(SettingsProblems) {
        self.house = house
        var problems: [String] = []
        if case .archive = house.settings.log {
            problems.append("an archive cannot be routed from; name a journal or Kafka (TORGHUT_LOG)")
        }
        for key in BrokerAddresses.credentials where house.settings.value(of: key) == nil {
            problems.append("\(key) is not set, and Alpaca takes no order without it")
        }
        inForce = house.settings.policy
        let addresses = BrokerAddresses(house.settings, inForce.policy.routing)
        if !addresses.hasAlpacaAddress { problems.append("APCA_API_BASE_URL is no address over HTTP") }
        guard problems.isEmpty, let alpaca = addresses.alpaca else { throw SettingsProblems(problems: problems) }
        var adapters = RouterAdapters(
            alpaca: alpaca, lean: addresses.lean, policy: inForce.policy.routing, time: house.time)
        let hosts = [Adapter.alpaca: alpaca.address, .lean: addresses.lean?.address ?? ""]
        for (name, adapter) in adapters.sending {
            adapters.sending[name] = TracedAdapter.around(adapter, at: hosts[name] ?? "", house.tracing, house.time)
        }
        for (name, adapter) in adapters.asking {
            adapters.asking[name] = TracedAdapter.around(adapter, at: hosts[name] ?? "", house.tracing, house.time)
        }
        let latch = KillLatch(dataFolder: house.settings.dataFolder)
        var setup = RouterSetup(
            log: house.log, inForce: inForce,
            adapters: adapters,
            localStop: latch.reading(environment: inForce.policy.killSwitchInEnvironment),
            process: ProcessName(trusted: String(house.process.prefix(ProcessNameKind.maximumBytes))),
            time: house.time, metrics: RouterMetrics(in: house.registry), observer: RouterWatch(house))
        if case .kafka = house.settings.log { setup.countsHistory = false }
        self.setup = setup
    }

    /// Topics are made, and what is wrong with the settings is told where everybody can read it later.
    public func start() async throws {
        house.board.set(Self.name, .leaderStarting)
        try FolderMaking.make(house.settings.dataFolder)
    }

    public func prepare() async throws {
        try await house.patiently(for: Self.name) {
            try await house.makeTopics()
            try await MisconfigurationNotice(house, inForce).tell()
        }
    }

    public func run() async throws {
        var setup = setup
        setup.snapshots = SnapshotStore(
            folder: "\(house.settings.dataFolder)/snapshots", logID: try await house.logIdentity())
        let fleet = RouterFleet(setup)
        house.stopBell.answer {
            let silence = await fleet.lookAtStop()
            return StopAnswer(
                role: Self.name, hasStopped: silence.isWhole, lastSentAt: silence.lastSentAt,
                openOrders: silence.openIntents)
        }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await own(fleet)) } catch { outcome = .failure(error) }
        // A task of its own: what is in hand is ended also when this one is cancelled.
        await Task { await fleet.end() }.value
        house.board.set(Self.name, .leaderNotStarted, "ended")
        try outcome.get()
    }
}

/// Which partitions, and what is done when that changes.
extension RouterRole {
    private func join() async throws -> any Membership {
        guard case .kafka = house.settings.log else {
            return WholeOwnership(partitions: Self.ownership.spec.partitions)
        }
        return try await house.log.join(group: Self.group, sharing: Self.ownership.name)
    }

    private func own(_ fleet: RouterFleet) async throws {
        while !Task.isCancelled {
            do {
                let membership = try await house.patiently(for: Self.name) { try await join() }
                house.board.set(Self.name, .follower, "owns nothing yet")
                let outcome: Result<Void, any Error>
                do { outcome = .success(try await own(membership, fleet)) } catch { outcome = .failure(error) }
                await fleet.leave(fleet.partitions)
                await membership.leave()
                try outcome.get()
            } catch let error as LogError where error.mayRejoin(in: house.settings.log) {
                house.board.set(Self.name, .degraded, error.description)
                try await Task.sleep(for: Self.evictionPause)
            }
        }
    }

    /// One membership, until it or a partition under it ends.
    private func own(_ membership: any Membership, _ fleet: RouterFleet) async throws {
        while !Task.isCancelled {
            if let (_, failure) = fleet.ended.min(by: { $0.key < $1.key }) { throw failure }
            guard let change = try await membership.change(waiting: Self.changeWait) else { continue }
            switch change {
            case .granted(let some): fleet.take(some)
            case .revoked(let some):
                // What is on its way is written down before anybody else may have them.
                await fleet.leave(some)
                try await membership.released(some)
            case .lost(let some): await fleet.leave(some)
            }
            house.logbook.info(
                "partitions_changed",
                [
                    "role": .text(Self.name.rawValue),
                    "now": .text(fleet.partitions.sorted().map { "\($0)" }.joined(separator: ",")),
                ])
            let isIdle = fleet.partitions.isEmpty
            house.board.set(
                Self.name, isIdle ? .follower : .running,
                isIdle ? "another process has all partitions" : "\(fleet.partitions.count) partitions")
        }
    }
}

extension LogError {
    /// On Kafka whoever was fenced joins anew, and takes what the group gives; on the journal another process took
    /// everything over, and this one ends.
    fileprivate func mayRejoin(in log: LogAddress) -> Bool {
        guard case .kafka = log else { return false }
        if case .fenced = reason { return true }
        return disposition == .retry || disposition == .reopen
    }
}
