internal import Core

/// Reads batch after batch and decodes them.
struct ChunkReading {
    let reader: any EventReader
    let decoder: RecordDecoder
    let limits: ProjectionLimits

    /// Reads what is there; while a commit is under way, as much as a batch may hold.
    nonisolated(nonsending) func gather(isBusy: () -> Bool) async throws(LogError) -> Chunk {
        var chunk = Chunk()
        var bytes = 0
        repeat {
            let wait: Duration = isBusy() ? .milliseconds(1) : chunk.isEmpty ? limits.idleWait : .zero
            let batch = try await reader.next(waiting: wait)
            decoder.append(batch, to: &chunk)
            bytes += batch.byteCount
            if batch.isEmpty && !isBusy() { break }
        } while chunk.items.count < limits.maximumBatchRecords && bytes < limits.maximumBatchBytes && !Task.isCancelled
        return chunk
    }
}

/// Units that are driven together, and who of them reads what.
struct UnitTable {
    let units: [any FoldingUnit]
    let sources: [TopicPartition]
    /// Units that read a source, by the source's index.
    let readers: [[Int]]

    init(_ units: [any FoldingUnit]) {
        self.units = units
        let sources = Set(units.flatMap(\.sources)).sorted()
        self.sources = sources
        for unit in units { unit.bind(to: sources) }
        readers = sources.map { source in units.indices.filter { units[$0].sources.contains(source) } }
    }

    /// Where the slowest unit of each source goes on.
    var starts: [TopicPartition: ReadStart] {
        var starts: [TopicPartition: ReadStart] = [:]
        for (index, source) in sources.enumerated() {
            let places = readers[index].map { units[$0].checkpoint.vector[source] ?? FoldedVector.Place(next: 0) }
            guard let first = places.min(by: { $0.next < $1.next }) else { continue }
            starts[source] = .after(
                ConsumerPosition(consumer: "projections", source: source, next: first.next, anchor: first.anchor))
        }
        return starts
    }

    var isAtCap: Bool { units.allSatisfy(\.isAtCap) }

    /// Folds a chunk into every unit that reads it; rows that are missing are asked for in between.
    func fold(_ chunk: Chunk, fetching: (any FoldingUnit) throws -> Void) throws {
        for item in chunk.items {
            for unit in readers[item.source] { units[unit].need(item, of: chunk) }
        }
        for unit in units { try fetching(unit) }
        for item in chunk.items {
            for unit in readers[item.source] { units[unit].follow(item) }
        }
        for unit in units { try fetching(unit) }
        for item in chunk.items {
            for unit in readers[item.source] { try units[unit].fold(item, of: chunk) }
        }
    }
}
