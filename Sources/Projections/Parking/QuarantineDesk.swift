public import Core
public import Postgres
internal import Threading

/// Where an operator sees what waits: the parked records of the versions that readers see.
public actor QuarantineDesk {
    private nonisolated let executor = BlockingExecutor("projections.quarantine")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    /// A record as one projection parked it.
    public struct Entry: Sendable {
        public let projection: String
        public let version: Int
        /// The projection's partition that parked it.
        public let partition: Int32
        public let row: ParkedRow
    }

    public struct Query: Sendable {
        public var projection: String?
        public var record: RecordPosition?
        /// Only records of its partition and its key.
        var kin: ParkedRow?
        /// Empty: all of them.
        public var states: Set<ParkedRow.State> = [.parked, .deferred]
        public var limit: Int

        public init(limit: Int) { self.limit = limit }
    }

    private let settings: PostgresSettings
    private let projections: [any Projection.Type]

    public init(_ settings: PostgresSettings, _ projections: [any Projection.Type]) {
        self.settings = settings
        self.projections = projections
    }

    /// In the order of the log, at most `limit`.
    public func entries(_ query: Query) async throws -> [Entry] {
        // Whoever was told that it took too long needs no answer, and must not hold up the next.
        try Task.checkCancellation()
        let open = try OpenSession(settings)
        var found: [Entry] = []
        for version in try await serving(query.projection) { found += try open.entries(of: version, query) }
        return Array(
            found.sorted { ($0.row.place.position, $0.projection) < ($1.row.place.position, $1.projection) }
                .prefix(query.limit))
    }

    /// The record that holds up the key of one that waits.
    public func head(before entry: Entry) async throws -> Entry? {
        var query = Query(limit: 1)
        query.projection = entry.projection
        query.states = [.parked]
        query.kin = entry.row
        return try await entries(query).first
    }

    /// Whether the record would fold now, in these words; `nil` when it would.
    public func trial(of entry: Entry, as value: [UInt8]?) throws -> Refusal? {
        try Task.checkCancellation()
        guard let type = projections.first(where: { $0.name.text == entry.projection }) else { return nil }
        return try type.trial(
            of: value, at: entry.row.place.position, version: entry.version, partition: entry.partition,
            with: OpenSession(settings))
    }

    private func serving(_ name: String?) async throws(PostgresError) -> [StandingVersion] {
        try await StandingStore(settings).serving().filter { version in
            (name ?? version.projection) == version.projection
                && projections.contains { $0.name.text == version.projection }
        }
    }
}

extension OpenSession {
    fileprivate func entries(
        of version: StandingVersion, _ query: QuarantineDesk.Query
    ) throws -> [QuarantineDesk.Entry] {
        let table = TableDefinition(TableShape(of: ParkedRow.self), of: version.projection, version: version.version)
        var conditions = ["true"]
        var parameters = Parameters()
        if !query.states.isEmpty {
            let states = query.states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            conditions.append("state IN (\(states))")
        }
        if let record = query.record {
            parameters.append(record.source.topic)
            parameters.append(record.source.partition)
            parameters.append(record.offset)
            conditions.append("(source_topic, source_partition, source_offset) = ($1, $2, $3)")
        }
        if let kin = query.kin {
            let first = query.record == nil ? 1 : 4
            parameters.append(kin.place.topic)
            parameters.append(kin.place.partition)
            parameters.append(kin.recordKey)
            conditions.append("(source_topic, source_partition) = ($\(first), $\(first + 1))")
            conditions.append("record_key IS NOT DISTINCT FROM $\(first + 2)::bytea")
        }
        let rows = try session.query(
            .sql(
                """
                SELECT \(WriteStatements.columns(table)) FROM \(table.physical)
                WHERE \(conditions.joined(separator: " AND "))
                ORDER BY source_topic, source_partition, source_offset LIMIT \(query.limit)
                """), parameters
        ).rows
        return try (0..<rows.count).map { row in
            var tuple: [UInt8] = []
            rows.appendTuple(row, to: &tuple)
            // Safe: bytes are plain integers.
            let (parked, partition) = try ParkedRow.stored(unsafe tuple.span.bytes)
            return QuarantineDesk.Entry(
                projection: version.projection, version: version.version, partition: partition, row: parked)
        }
    }
}
