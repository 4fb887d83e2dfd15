public import Core
public import Postgres

/// How far projections are, from the log and the database together.
public struct ProjectionStatus: Sendable {
    private let log: any EventLog
    private let store: StandingStore
    private let projections: [any Projection.Type]

    public init(log: any EventLog, database: PostgresSettings, _ projections: [any Projection.Type]) {
        self.log = log
        store = StandingStore(database)
        self.projections = projections
    }

    /// The versions readers see.
    public func serving() async throws(PostgresError) -> [StandingVersion] { try await store.serving() }

    /// Who owns what, without a look at the log.
    public func standing() async throws(PostgresError) -> [UnitStanding] { try await store.units(of: projections) }

    /// One look; asks both sides, so that whoever cannot be reached is named.
    public func look() async throws(StatusFailure) -> [UnitStatus] {
        let units: Result<[UnitStanding], PostgresError>
        do { units = .success(try await standing()) } catch { units = .failure(error) }
        do {
            let sources = Set(projections.flatMap { type in (0..<type.partitions).flatMap { type.sources(of: $0) } })
            let topics = Set(try await log.describe().map(\.name))
            let bounds = try await log.bounds(of: sources.filter { topics.contains($0.topic) }.sorted())
            return try await statuses(of: units.get(), bounds)
        } catch let error as LogError {
            guard case .failure(let other) = units else { throw StatusFailure(log: error, database: nil) }
            throw StatusFailure(log: error, database: other)
        } catch let error as PostgresError {
            throw StatusFailure(log: nil, database: error)
        } catch { preconditionFailure("the log and the database throw errors of their own: \(error)") }
    }

    /// Two looks when the first finds something stuck: an owner that gets on between them is no dead one.
    public func look(
        at time: any TimeSource, again pause: Duration = .seconds(1)
    ) async throws(StatusFailure) -> [UnitStatus] {
        let first = try await look()
        let now = time.now()
        guard first.contains(where: { if case .stuck = $0.verdict(at: now) { true } else { false } }) else {
            return first
        }
        // Cancelled: the first look is what there is.
        do { try await Task.sleep(for: pause) } catch { return first }
        let before = Dictionary(first.map { ($0.standing.unit, $0.standing) }, uniquingKeysWith: { first, _ in first })
        return try await look().map { status in
            var status = status
            if let earlier = before[status.standing.unit] {
                status.wasSeenMoving = status.standing.vector != earlier.vector
            }
            return status
        }
    }

    private func statuses(
        of units: [UnitStanding], _ bounds: [TopicPartition: Bounds]
    ) async throws(LogError) -> [UnitStatus] {
        var known: [RecordPosition: Timestamp?] = [:]
        var statuses: [UnitStatus] = []
        for unit in units {
            var inputs: [UnitStatus.Input] = []
            for source in unit.sources {
                let held = bounds[source] ?? Bounds(begin: 0, end: 0)
                let next = unit.vector[source]?.next ?? held.begin
                let place = RecordPosition(source, next)
                if known[place] == nil, next < held.end, next >= held.begin {
                    known[place] = .some(try await time(of: place))
                }
                inputs.append(UnitStatus.Input(source: source, end: held.end, next: next, oldest: known[place] ?? nil))
            }
            statuses.append(UnitStatus(standing: unit, inputs: inputs))
        }
        return statuses
    }

    /// The time of the record there or, where that is a hole, of the next one.
    private func time(of place: RecordPosition) async throws(LogError) -> Timestamp? {
        let options = ReadOptions(maximumRecords: 1, maximumBytes: 1, headers: false)
        let reader = try await log.reader(from: [place.source: .offset(place.offset)], options)
        let batch: Result<RecordBatch, LogError>
        do { batch = .success(try await reader.next(waiting: Self.patience)) } catch { batch = .failure(error) }
        await reader.close()
        return try batch.get().entries.first.map { Timestamp(milliseconds: $0.timestamp) ?? .latest }
    }

    /// How long a record that is there may take to come.
    private static let patience: Duration = .seconds(5)
}

/// Which side could not be asked.
public struct StatusFailure: Error, Sendable, CustomStringConvertible {
    public let log: LogError?
    public let database: PostgresError?

    public var description: String {
        [log.map { "the log cannot be asked: \($0)" }, database.map { "Postgres cannot be asked: \($0)" }]
            .compactMap { $0 }.joined(separator: "\n")
    }
}
