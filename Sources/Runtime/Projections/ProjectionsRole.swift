internal import Core
public import Domain
internal import Postgres
internal import Projections
internal import Telemetry

/// Folds the log into the read models: as many partitions as this process owns.
public struct ProjectionsRole: Role {
    public static let name = RoleName.projections
    /// The group of processes that share the partitions; every other ownership topic follows this one's numbers.
    static let group = "torghut-projections"
    static let ownership = TopicCatalog.decisions
    /// How long one look for a change of ownership waits.
    static let changeWait: Duration = .milliseconds(250)
    /// After an eviction, so that two who are told to own the same do not take it from each other at full speed.
    static let evictionPause: Duration = .seconds(1)

    let house: House
    let database: PostgresSettings
    let migrations: String
    let metrics: ProjectionsMetrics
    let projections: [any Projection.Type]

    public init(_ house: House) throws(SettingsProblems) {
        try self.init(house, folding: ReadModels.all)
    }

    init(_ house: House, folding projections: [any Projection.Type]) throws(SettingsProblems) {
        self.house = house
        self.projections = projections
        metrics = ProjectionsMetrics(in: house.registry)
        if case .archive = house.settings.log {
            throw SettingsProblems(problems: ["an archive cannot be followed; name a journal or Kafka (TORGHUT_LOG)"])
        }
        database = try house.settings.database()
        migrations = try house.settings.installedFiles.path(of: InstalledFiles.migrations)
    }

    public func start() async throws { house.board.set(Self.name, .leaderStarting) }

    /// Topics and tables are made; a log or database that is away is waited for.
    public func prepare() async throws {
        try await house.patiently(for: Self.name) { try await house.makeTopics() }
        let setup = DatabaseSetup()
        try await house.patiently(for: Self.name) {
            let found = try await setup.migrate(database, from: migrations)
            for name in found.applied { house.logbook.info("migration_applied", ["name": .text(name)]) }
            for name in found.later { house.logbook.warning("migration_of_a_later_program", ["name": .text(name)]) }
        }
    }

    public func run() async throws {
        let watch = ProjectionWatch(house, metrics)
        let health = Task { await ProjectionHealth(self, watch).run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await own(watch)) } catch { outcome = .failure(error) }
        health.cancel()
        await health.value
        await watch.close()
        house.board.set(Self.name, .leaderNotStarted, "ended")
        try outcome.get()
    }
}

/// Which partitions, and what is done when that changes.
extension ProjectionsRole {
    private func join() async throws -> any Membership {
        guard case .kafka = house.settings.log else {
            return WholeOwnership(partitions: Self.ownership.spec.partitions)
        }
        return try await house.patiently(for: Self.name) {
            try await house.log.join(group: Self.group, sharing: Self.ownership.name)
        }
    }

    private func own(_ watch: ProjectionWatch) async throws {
        while !Task.isCancelled {
            let membership = try await join()
            house.board.set(Self.name, .follower, "owns nothing yet")
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await own(membership, watch)) } catch { outcome = .failure(error) }
            await membership.leave()
            do { try outcome.get() } catch let evicted as Evicted {
                guard case .kafka = house.settings.log else { throw evicted }
                // Whoever has it now has the newer epoch: join anew, and take what the group gives.
                try await Task.sleep(for: Self.evictionPause)
            } catch let error as LogError where error.disposition == .retry || error.disposition == .reopen {
                house.board.set(Self.name, .degraded, error.description)
                try await Task.sleep(for: Self.evictionPause)
            }
        }
    }

    /// One membership, until it or the work under it ends.
    private func own(_ membership: any Membership, _ watch: ProjectionWatch) async throws {
        var owned = Set<Int32>()
        var work: OwnedWork?
        let outcome: Result<Void, any Error>
        do {
            while !Task.isCancelled {
                if let ended = work?.outcome {
                    work = nil
                    try ended.get()
                }
                if let change = try await membership.change(waiting: Self.changeWait) {
                    await work?.stop()
                    work = nil
                    try await follow(change, membership, &owned)
                }
                if work == nil, !owned.isEmpty {
                    work = OwnedWork { [owned] in try await ProjectionShift(self, watch, owned.sorted()).run() }
                }
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await work?.stop()
        // What ended while we stopped it: a cancelled batch is no failure, a lost partition is.
        if case .success = outcome, case .failure(let error)? = work?.outcome, !(error is CancellationError) {
            throw error
        }
        try outcome.get()
    }

    private func follow(
        _ change: OwnershipChange, _ membership: any Membership, _ owned: inout Set<Int32>
    ) async throws {
        let word: String
        switch change {
        case .granted(let some):
            word = "granted"
            owned.formUnion(some)
        case .revoked(let some):
            word = "revoked"
            owned.subtract(some)
            // The batch in hand has ended: the next owner finds it committed, or not at all.
            try await membership.released(some)
        case .lost(let some):
            word = "lost"
            owned.subtract(some)
        }
        house.logbook.info(
            "partitions_changed",
            ["how": .text(word), "now": .text(owned.sorted().map { "\($0)" }.joined(separator: ","))])
        house.board.set(
            Self.name, owned.isEmpty ? .follower : .leaderStarting,
            owned.isEmpty ? "another process has all partitions" : "\(owned.count) partitions")
    }
}

/// Another process took partitions over: nothing of ours can be committed any more.
struct Evicted: Error, CustomStringConvertible {
    let description: String
}
