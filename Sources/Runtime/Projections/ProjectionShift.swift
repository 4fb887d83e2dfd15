internal import Core
internal import Domain
internal import Postgres
internal import Projections
internal import Telemetry

/// The projector at work on some partitions, through changes of the versions that readers see.
struct ProjectionShift: Sendable {
    /// How often it looks whether readers were switched to another version.
    static let versionsEvery: Duration = .seconds(2)

    private let role: ProjectionsRole
    private let watch: ProjectionWatch
    private let partitions: [Int32]

    init(_ role: ProjectionsRole, _ watch: ProjectionWatch, _ partitions: [Int32]) {
        self.role = role
        self.watch = watch
        self.partitions = partitions
    }

    private var house: House { role.house }

    func run() async throws {
        let projector = Projector(
            log: house.log, database: role.database, owner: house.process, observer: watch)
        while !Task.isCancelled {
            house.board.set(ProjectionsRole.name, .leaderStarting, "\(partitions.count) partitions")
            let standing = try await house.patiently(for: ProjectionsRole.name) {
                try await projector.prepare(role.projections)
            }
            tell(standing.outdated)
            do {
                try await fold(standing, projector)
            } catch let failure as ProjectorFailure where failure.isFenced {
                try await afterFence(standing.served, failure)
            } catch let error as PostgresError where error.disposition == .retry {
                try await pause(after: error)
            } catch let error as LogError where error.disposition == .retry || error.disposition == .reopen {
                try await pause(after: error)
            }
        }
    }

    private func pause(after error: any Error) async throws {
        watch.noted(ProjectionNote(kind: .retrying, text: "\(error)"))
        try await Task.sleep(for: ProjectionsRole.evictionPause)
    }

    /// Until cancelled, until readers are switched, or until the projector cannot go on.
    private func fold(_ standing: Projector.Standing, _ projector: Projector) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if !standing.served.isEmpty {
                group.addTask { try await projector.run(standing.served, partitions: partitions) }
            }
            group.addTask { await versionsChange(from: standing) }
            defer { group.cancelAll() }
            try await group.next()
            group.cancelAll()
            while let _ = try await group.next() {}
        }
    }

    /// Returns when readers see other versions than these.
    private func versionsChange(from standing: Projector.Standing) async {
        let before = Self.versions(standing)
        while !Task.isCancelled {
            // Cancelled: there is nothing more to see.
            do { try await Task.sleep(for: Self.versionsEvery) } catch { return }
            guard let now = await serving(), now != before else { continue }
            house.logbook.info("projection_versions_changed", ["now": .text(now.sorted().joined(separator: ","))])
            return
        }
    }

    /// `nil` when the database cannot say.
    private func serving() async -> Set<String>? {
        let status = ProjectionStatus(log: house.log, database: role.database, role.projections)
        let names = role.projections.map { $0.name.text }
        do {
            let serving = try await status.serving().filter { names.contains($0.projection) }
            return Set(serving.map { "\($0.projection) v\($0.version)" })
        } catch {
            house.logbook.warning("projection_versions_unknown", ["why": .failure(error)])
            return nil
        }
    }

    private static func versions(_ standing: Projector.Standing) -> Set<String> {
        Set(
            standing.served.map { "\($0.type.name.text) v\($0.version)" }
                + standing.outdated.map { "\($0.projection) v\($0.version)" })
    }

    /// A fence has three reasons: readers were switched, the database went back, or somebody else owns it now.
    private func afterFence(_ served: [StandingProjection], _ failure: ProjectorFailure) async throws {
        guard !Task.isCancelled else { return }
        let before = Set(served.map { "\($0.type.name.text) v\($0.version)" })
        if let now = await serving(), !before.isSubset(of: now) { return }
        let status = ProjectionStatus(log: house.log, database: role.database, role.projections)
        let units = try await house.patiently(for: ProjectionsRole.name) { try await status.standing() }
        let taken = units.filter { unit in
            partitions.contains(unit.unit.partition) && served.contains { $0.isOf(unit.unit) }
                && unit.owner?.name != house.process
        }
        guard let other = taken.first, let owner = other.owner else {
            house.logbook.warning("projection_database_went_back", ["why": .text(failure.description)])
            return try await Task.sleep(for: ProjectionsRole.evictionPause)
        }
        role.metrics.evictions.increment()
        house.logbook.error(
            "projection_evicted",
            ["partitions": .integer(taken.count), "owner": .text(owner.name), "epoch": .integer(owner.epoch)])
        throw Evicted(
            description: "evicted: \(other.unit) and \(taken.count - 1) more are owned by \(owner.name) now, "
                + "at epoch \(owner.epoch)")
    }

    private func tell(_ outdated: [StandingVersion]) {
        for version in outdated {
            house.logbook.warning(
                "projection_outdated",
                [
                    "projection": .text(version.projection), "version": .integer(version.version),
                    "fold": .integer(version.fold),
                    "mend": .text("torghut projections rebuild \(version.projection), then promote"),
                ])
        }
    }
}

extension StandingProjection {
    func isOf(_ unit: UnitName) -> Bool { type.name.text == unit.projection && version == unit.version }
}
