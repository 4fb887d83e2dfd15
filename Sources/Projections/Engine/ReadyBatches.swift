package import Core
package import Postgres

/// A log folded without being written: batches as a lane would commit them.
///
/// Measurements time folding and Postgres apart with it.
package struct ReadyBatches: Sendable {
    package struct Batch: Sendable {
        let writes: [UnitWrite]
        package let events: Int

        /// The rows of each transitions table, as a bare COPY takes them.
        package var steps: [(table: String, bytes: [UInt8])] {
            writes.flatMap(\.tables).filter { $0.shape.name.kind == .transitions }.map { ($0.physical, $0.added.bytes) }
        }
    }

    package let batches: [Batch]
    /// The time it took to fold them, reading and decoding included.
    package let time: Duration

    /// Folds the whole log into units that have no rows yet.
    package init(
        _ log: any EventLog, _ projections: [StandingProjection], partitions: [Int32], _ limits: ProjectionLimits
    ) async throws {
        let start = ContinuousClock.now
        let decoder = RecordDecoder.wanting(projections.map(\.type))
        var caps: [UnitName: FoldedVector] = [:]
        var units: [any FoldingUnit] = []
        for projection in projections {
            for partition in partitions where partition < projection.type.partitions {
                let unit = projection.type.unit(
                    of: partition, version: projection.version, decoder, limits, isWhole: true)
                let ends = try await log.bounds(of: unit.sources)
                caps[unit.name] = FoldedVector(ends.mapValues { FoldedVector.Place(next: $0.end) })
                unit.cap = caps[unit.name]
                unit.resume(at: Checkpoint(epoch: 1), parked: [])
                units.append(unit)
            }
        }
        let table = UnitTable(units, isWhole: true)
        decoder.bind(to: table.sources)
        let reader = try await log.reader(
            from: table.sources.reduce(into: [:]) { $0[$1] = .offset(0) },
            ReadOptions(
                maximumRecords: limits.maximumBatchRecords, maximumBytes: limits.maximumBatchBytes, headers: false))
        let reading = ChunkReading(reader: reader, decoder: decoder, table: table, limits: limits)
        var batches: [Batch] = []
        while !table.isAtCap {
            let chunk = try await reading.gather(isBusy: { false })
            try table.fold(chunk) { _ in }
            batches.append(Batch(writes: units.compactMap { $0.take(chunk) }, events: chunk.count))
        }
        await reader.close()
        self.batches = batches
        time = ContinuousClock.now - start
    }

    /// Postgres alone: the same statements with the same bytes, and nothing of ours in between.
    package func write(to database: PostgresSettings, _ limits: ProjectionLimits) async throws -> Duration {
        let writer = LaneWriter(database, limits: limits, probe: WriteProbe())
        _ = try await writer.acquire(Set(batches.flatMap { $0.writes.map(\.unit) }).sorted(), as: "bench", holding: [:])
        let start = ContinuousClock.now
        for batch in batches { try await writer.write(batch.writes) }
        let time = ContinuousClock.now - start
        await writer.close()
        return time
    }
}

extension ReadyBatches {
    /// How long it takes to hash all the rows once more: what state roots cost.
    package func hashingTime() -> Duration {
        let start = ContinuousClock.now
        var root = StateRoot()
        for table in batches.flatMap(\.writes).flatMap(\.tables) {
            for rows in [table.added, table.merged] {
                for tuple in rows.tuples {
                    // Safe: bytes are plain integers.
                    let bytes = unsafe rows.bytes.span.bytes.extracting(tuple)
                    root.add(StateRoot.hash(bytes, seed: table.shape.name.seed))
                }
            }
        }
        precondition(root != StateRoot(), "something was hashed")
        return ContinuousClock.now - start
    }
}
