internal import Postgres
internal import Threading

/// Writes a lane's batches, one after another, on a thread of its own: the lane prepares the next meanwhile.
actor LaneWriter {
    private nonisolated let executor = BlockingExecutor("projections.write")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private let settings: PostgresSettings
    private let limits: ProjectionLimits
    private let probe: WriteProbe
    private var open: OpenSession?

    init(_ settings: PostgresSettings, limits: ProjectionLimits, probe: WriteProbe) {
        self.settings = settings
        self.limits = limits
        self.probe = probe
    }

    /// Connects and takes the units over; `held` are the epochs under which the lane held them before.
    func acquire(_ units: [UnitName], as owner: String, holding held: [UnitName: Int64] = [:]) throws -> [Acquired] {
        let open = try OpenSession(settings)
        self.open = open
        let checkpoints = try open.acquire(units, as: owner, holding: held)
        return try units.map { unit in
            guard let checkpoint = checkpoints[unit] else {
                throw PostgresError(.query, .lost, "the checkpoint of \(unit) did not come back")
            }
            return Acquired(unit: unit, checkpoint: checkpoint, parked: try open.parked(in: unit))
        }
    }

    struct Acquired: Sendable {
        let unit: UnitName
        let checkpoint: Checkpoint
        let parked: [ParkedRow]
    }

    /// Commits the writes of one batch in one transaction; answers how often that and the fetch before it waited.
    @discardableResult
    func write(_ writes: [UnitWrite], fetched: Int = 0) throws -> BatchWaits {
        guard let open else { preconditionFailure("a writer acquires before it writes") }
        let batch = Batch(writes)
        let before = open.waits
        var copies = 0
        if batch.rowCount <= limits.headRows, batch.byteCount <= limits.headBytes {
            try open.writeArrays(batch, ring: limits.keptRoots, probe)
        } else {
            copies = try open.writeCopies(batch, ring: limits.keptRoots, probe)
        }
        return BatchWaits(fetching: fetched, writing: open.waits - before, copies: copies)
    }

    func close() { open = nil }
}
