internal import Core
internal import Domain
internal import Postgres
internal import Projections
internal import Telemetry

/// Looks every few seconds at how far this process's partitions are, and says so truthfully.
struct ProjectionHealth: Sendable {
    static let every: Duration = .seconds(2)
    /// For each step of a look at the database.
    static let patience: Duration = .seconds(4)

    private let role: ProjectionsRole
    private let watch: ProjectionWatch

    init(_ role: ProjectionsRole, _ watch: ProjectionWatch) {
        self.role = role
        self.watch = watch
    }

    private var house: House { role.house }

    /// Who looks at health does not wait as long as who works: a way that is cut has to be seen soon.
    private var database: PostgresSettings {
        var database = role.database
        database.connectTimeout = Self.patience
        database.statementTimeout = Self.patience
        database.answerTimeout = Self.patience
        return database
    }

    func run() async {
        let status = ProjectionStatus(log: house.log, database: database, role.projections)
        var reported = Set<UnitName>()
        while !Task.isCancelled {
            do {
                let own = try await status.look().filter { $0.standing.owner?.name == house.process }
                let units = Set(own.map(\.standing.unit))
                for gone in reported.subtracting(units) { forget(gone) }
                reported = units
                for unit in own {
                    report(unit)
                    watch.check(unit.standing)
                }
                judge(own)
            } catch {
                if !Task.isCancelled { house.board.set(.projections, .unknown, error.description) }
            }
            // Cancelled: the role ends.
            do { try await Task.sleep(for: Self.every) } catch { return }
        }
    }

    private func judge(_ units: [UnitStatus]) {
        // Before the first take-over and between two, the role says itself how it is.
        guard !units.isEmpty else { return }
        let now = house.time.now()
        for unit in units {
            if case .stuck(let why) = unit.verdict(at: now) {
                return house.board.set(.projections, .degraded, "\(unit.standing.unit): \(why)")
            }
        }
        let parked = units.reduce(0) { $0 + $1.standing.parked }
        guard parked == 0 else {
            return house.board.set(
                .projections, .degraded, "\(parked) keys wait for an operator; see 'torghut quarantine list'")
        }
        house.board.set(.projections, .running)
    }

    private func report(_ status: UnitStatus) {
        let (name, partition) = (status.standing.unit.projection, "\(status.standing.unit.partition)")
        let metrics = role.metrics
        metrics.lag.labelled(name, partition).set(Double(status.lag))
        let age = status.oldest.map { Double(house.time.now().nanoseconds - $0.nanoseconds) / 1e9 } ?? 0
        metrics.oldest.labelled(name, partition).set(max(0, age))
        metrics.parked.labelled(name, partition).set(Double(status.standing.parked))
        metrics.deferred.labelled(name, partition).set(Double(status.standing.deferred))
        metrics.epoch.labelled(name, partition).set(Double(status.standing.owner?.epoch ?? 0))
    }

    /// Another process reports it now.
    private func forget(_ unit: UnitName) {
        let (name, partition) = (unit.projection, "\(unit.partition)")
        for family in [
            role.metrics.lag, role.metrics.oldest, role.metrics.parked, role.metrics.deferred, role.metrics.epoch,
        ] { family.remove(name, partition) }
    }
}
