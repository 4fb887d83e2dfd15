internal import Core

/// Reads batch after batch and decodes them.
struct ChunkReading {
    let reader: any EventReader
    let decoder: RecordDecoder
    let table: UnitTable
    let limits: ProjectionLimits

    /// Reads what is there; while a commit is under way, as much as a batch may hold.
    ///
    /// The units meet each record as soon as it is read.
    nonisolated(nonsending) func gather(isBusy: () -> Bool) async throws -> Chunk {
        var chunk = Chunk()
        var bytes = 0
        repeat {
            let wait: Duration = isBusy() ? .milliseconds(1) : chunk.isEmpty ? limits.idleWait : .zero
            let batch = try await reader.next(waiting: wait)
            try decoder.append(batch, to: &chunk, for: table)
            bytes += batch.byteCount
            if batch.isEmpty && !isBusy() { break }
        } while chunk.count < limits.maximumBatchRecords && bytes < limits.maximumBatchBytes && !Task.isCancelled
        return chunk
    }
}

/// Units that are driven together, and who of them reads what.
struct UnitTable {
    let units: [any FoldingUnit]
    let sources: [TopicPartition]
    /// Units that read a source, by the source's index.
    let readers: [[Int]]
    /// While a rebuild fills fresh tables no row can be missing, so nothing has to be waited for.
    private let isWhole: Bool

    init(_ units: [any FoldingUnit], isWhole: Bool = false) {
        self.units = units
        self.isWhole = isWhole
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
            starts[source] = FoldedVector([source: first]).start(of: source)
        }
        return starts
    }

    var isAtCap: Bool { units.allSatisfy(\.isAtCap) }

    /// Shows a record that was just read to every unit that reads its source: they name the rows they need of it.
    ///
    /// At once, because it still lies in the processor's cache; where no row can be missing, it is folded too and let go.
    func meet(_ index: Int, of chunk: inout Chunk) throws(FoldFailure) {
        let source = chunk.places[index].source
        for unit in readers[source] { units[unit].need(index, of: chunk) }
        guard isWhole else { return }
        for unit in readers[source] where units[unit].follows { units[unit].follow(index, of: chunk) }
        for unit in readers[source] { try units[unit].fold(index, of: chunk) }
        chunk.letGo(index)
    }

    /// Folds a chunk that the units have met; rows that are missing are asked for first.
    func fold(_ chunk: Chunk, fetching: ([any FoldingUnit]) throws -> Void) throws {
        guard !isWhole else { return }
        try fetching(units)
        try follow(chunk, fetching: fetching)
        for index in chunk.places.indices {
            for unit in readers[chunk.places[index].source] { try units[unit].fold(index, of: chunk) }
        }
    }

    /// Few projections have rows that only other rows lead to.
    private func follow(_ chunk: Chunk, fetching: ([any FoldingUnit]) throws -> Void) throws {
        guard units.contains(where: \.follows) else { return }
        for index in chunk.places.indices {
            for unit in readers[chunk.places[index].source] where units[unit].follows {
                units[unit].follow(index, of: chunk)
            }
        }
        try fetching(units.filter(\.follows))
    }
}
